"""The layers and encoders that both of SpikingJelly's generations have: one part, two faces."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import torch
from torch import nn

from unisnn.core import layers
from unisnn.spikingjelly.activation_based import base as step_base
from unisnn.spikingjelly.activation_based import encoding as step_encoding
from unisnn.spikingjelly.activation_based import layer as step_layer
from unisnn.spikingjelly.clock_driven import encoding as clock_encoding
from unisnn.spikingjelly.clock_driven import layer as clock_layer

TWINS: dict[str, tuple[Any, Any, tuple[Any, ...], tuple[int, ...]]] = {
    "NeuNorm": (clock_layer.NeuNorm, step_layer.NeuNorm, (3, 4, 5), (2, 3, 4, 5)),
    "SynapseFilter": (clock_layer.SynapseFilter, step_layer.SynapseFilter, (7.0, True), (2, 6)),
    "DropConnectLinear": (clock_layer.DropConnectLinear, step_layer.DropConnectLinear, (6, 4), (2, 6)),
    "Dropout": (clock_layer.Dropout, step_layer.Dropout, (0.4,), (2, 6)),
    "Dropout2d": (clock_layer.Dropout2d, step_layer.Dropout2d, (0.4,), (2, 3, 4, 5)),
    "ElementWise": (
        clock_layer.ElementWiseRecurrentContainer,
        step_layer.ElementWiseRecurrentContainer,
        (nn.Tanh(), torch.add),
        (2, 6),
    ),
    "Linear": (
        clock_layer.LinearRecurrentContainer,
        step_layer.LinearRecurrentContainer,
        (nn.Tanh(), 6, 6),
        (2, 6),
    ),
    "TemporalWiseAttention": (
        clock_layer.MultiStepTemporalWiseAttention,
        step_layer.TemporalWiseAttention,
        (4, 2),
        (4, 2, 3, 5, 5),
    ),
    "LatencyEncoder": (clock_encoding.LatencyEncoder, step_encoding.LatencyEncoder, (5, "log"), (6,)),
    "WeightedPhaseEncoder": (
        clock_encoding.WeightedPhaseEncoder,
        step_encoding.WeightedPhaseEncoder,
        (4,),
        (6,),
    ),
}


def played(kind: Any, arguments: tuple[Any, ...], shape: tuple[int, ...]) -> list[torch.Tensor]:
    """Parameters, three steps in training, the random numbers after them, one step in eval."""
    torch.manual_seed(11)
    module = kind(*arguments)
    found = [value.detach().clone() for value in module.parameters()]
    found += [module(torch.rand(shape) * 0.9).detach() for _ in range(3)]
    found.append(torch.get_rng_state())
    return [*found, module.eval()(torch.rand(shape) * 0.9).detach()]


@pytest.mark.parametrize("name", TWINS)
def test_both_generations_give_the_same_numbers(name: str) -> None:
    clock, step, arguments, shape = TWINS[name]
    for one, other in zip(played(clock, arguments, shape), played(step, arguments, shape), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", TWINS)
def test_what_they_share_comes_from_core_alone(name: str) -> None:
    clock, step = TWINS[name][:2]
    shared = [cls for cls in clock.__mro__ if cls in step.__mro__ and cls.__module__.startswith("unisnn.")]
    assert any(cls.__module__.startswith(f"{layers.__name__}.") for cls in shared)
    assert all(cls.__module__.startswith("unisnn.core.") for cls in shared)
    assert not issubclass(clock, step_base.StepModule)
    assert issubclass(step, step_base.StepModule)


@pytest.mark.parametrize("name", TWINS)
def test_a_pickle_names_each_by_its_own_path(name: str) -> None:
    for kind in TWINS[name][:2]:
        module = kind(*TWINS[name][2])
        copied = pickle.loads(pickle.dumps(module))
        assert type(copied) is kind
        assert f"{kind.__module__}.{kind.__name__}".count("._") == 0
        assert repr(copied) == repr(module)
