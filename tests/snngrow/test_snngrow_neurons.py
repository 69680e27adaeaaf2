"""SNNGrow's neurons: equations, arguments, state, time, editions."""

from __future__ import annotations

import copy
import inspect
import itertools
import logging
import math
import pickle

import pytest
import torch
from torch import Tensor, nn

from unisnn.core import edition
from unisnn.snngrow.base.neuron import BaseNode, IFNode, LIFNode
from unisnn.snngrow.base.surrogate import ATan, Sigmoid
from unisnn.snngrow.base.utils import reset

NODES = [IFNode, LIFNode]
X = torch.rand(6, 4, 3, generator=torch.Generator().manual_seed(0)) * 2.5 - 0.5
X[1, :, 0] = 1.0  # ties: the membrane potential meets the threshold exactly
G = torch.randn(6, 4, 3, generator=torch.Generator().manual_seed(1))
GRID = [
    {"cls": cls, "v_reset": v_reset, "detach_reset": detach, **extra}
    for cls, v_reset, detach in itertools.product(NODES, (None, 0.0, -0.1, 0.2), (False, True))
    for extra in (
        [{}] if cls is IFNode else [{"tau": t, "decay_input": d} for t in (2.0, 1.7) for d in (True, False)]
    )
]


def build(kind: dict[str, object], **more: object) -> BaseNode:
    arguments = {**kind, **more}
    return arguments.pop("cls")(**arguments)  # type: ignore[operator]


def by_hand(kind: dict[str, object], x: Tensor) -> tuple[Tensor, Tensor]:
    """The equations of one neuron, written out; the surrogate is Sigmoid(4)."""
    v_reset, tau = kind["v_reset"], kind.get("tau", 2.0)
    v = torch.full_like(x[0], v_reset or 0.0)
    spikes = []
    for step in x.unbind(0):
        if kind["cls"] is IFNode:
            h = v + step
        elif not v_reset:
            h = v + (step - v) / tau if kind["decay_input"] else v * (1.0 - 1.0 / tau) + step
        else:
            leak = v - v_reset
            h = v + (step - leak) / tau if kind["decay_input"] else v - leak / tau + step
        s = Sigmoid(4.0)(h - 1.0)
        s_reset = s.detach() if kind["detach_reset"] else s
        v = h - s_reset * 1.0 if v_reset is None else (1.0 - s_reset) * h + s_reset * v_reset
        spikes.append(s)
    return torch.stack(spikes), v


@pytest.mark.parametrize("kind", GRID, ids=str)
def test_equations(kind: dict[str, object]) -> None:
    x, expected_x = (X.clone().requires_grad_() for _ in range(2))
    node = build(kind)
    y = torch.stack([node(step) for step in x.unbind(0)])
    expected, v = by_hand(kind, expected_x)
    assert torch.equal(y, expected)
    assert torch.equal(node.v, v)
    ((y * G).sum() + node.v.sum()).backward()
    ((expected * G).sum() + v.sum()).backward()
    assert torch.equal(x.grad, expected_x.grad)


@pytest.mark.parametrize("kind", GRID, ids=str)
def test_eval_and_parallel_equal_training_step_by_step(kind: dict[str, object]) -> None:
    x = X.clone().requires_grad_()
    node = build(kind)
    y = torch.cat([node(step) for step in x.unbind(0)])
    (y * G.flatten(0, 1)).sum().backward()
    parallel_x = X.clone().requires_grad_()
    parallel = build(kind, parallel_optim=True, T=6)
    z = parallel(parallel_x.flatten(0, 1))
    (z * G.flatten(0, 1)).sum().backward()
    assert torch.equal(z, y)
    assert torch.equal(parallel.v, node.v)
    assert torch.equal(parallel_x.grad, x.grad)
    silent = build(kind, parallel_optim=True, T=6).eval()
    w = silent(X.flatten(0, 1).requires_grad_())
    assert torch.equal(w, y)
    assert torch.equal(silent.v, node.v)
    assert not w.requires_grad
    assert silent.v.requires_grad


def test_signatures_of_the_documented_edition() -> None:
    common = [
        "v_threshold",
        "v_reset",
        "surrogate_function",
        "detach_reset",
        "parallel_optim",
        "T",
        "spike_out",
    ]
    assert list(inspect.signature(BaseNode).parameters) == common
    assert list(inspect.signature(IFNode).parameters) == common
    assert list(inspect.signature(LIFNode).parameters) == ["tau", "decay_input", *common]
    node = LIFNode(3.0, False, 0.5, None, ATan(2.0), True, True, 4, True)
    assert (node.tau, node.decay_input, node.v_threshold, node.v_reset) == (3.0, False, 0.5, None)
    assert (node.detach_reset, node.parallel_optim, node.T, node.spike_out) == (True, True, 4, True)
    assert isinstance(node.surrogate_function, ATan)
    for name, arguments in {
        "hard_reset": ["v", "spike", "v_reset", "spike_out"],
        "soft_reset": ["v", "spike", "v_threshold", "spike_out"],
        "neuronal_dynamics_decay_input": ["x", "v", "v_reset", "tau"],
        "neuronal_dynamics_decay_input_reset0": ["x", "v", "tau"],
        "neuronal_dynamics_no_decay_input": ["x", "v", "v_reset", "tau"],
        "neuronal_dynamics_no_decay_input_reset0": ["x", "v", "tau"],
    }.items():
        assert list(inspect.signature(getattr(LIFNode, name)).parameters) == arguments


def test_static_methods() -> None:
    v, s, x = torch.tensor([0.5, 1.5]), torch.tensor([0.0, 1.0]), torch.tensor([1.0, 2.0])
    assert BaseNode.hard_reset(v, s, 0.25, False).tolist() == [0.5, 0.25]
    assert BaseNode.hard_reset(v, s, 0.25).tolist() == [0.5, 0.25]
    assert BaseNode.soft_reset(v, s, 1.0, False).tolist() == [0.5, 0.5]
    assert torch.equal(LIFNode.neuronal_dynamics_decay_input_reset0(x, v, 2.0), v + (x - v) / 2.0)
    assert torch.equal(LIFNode.neuronal_dynamics_decay_input(x, v, 0.5, 2.0), v + (x - (v - 0.5)) / 2.0)
    assert torch.equal(LIFNode.neuronal_dynamics_no_decay_input_reset0(x, v, 2.0), v * 0.5 + x)
    assert torch.equal(LIFNode.neuronal_dynamics_no_decay_input(x, v, 0.5, 2.0), v - (v - 0.5) / 2.0 + x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"v_reset": 0}, "LIFNode: v_reset=0 is not accepted; expected a float, or None"),
        ({"v_threshold": 1}, "LIFNode: v_threshold=1 is not accepted; expected a float"),
        ({"detach_reset": 1}, "LIFNode: detach_reset=1 is not accepted; expected True or False"),
        ({"parallel_optim": None}, "LIFNode: parallel_optim=None is not accepted"),
        ({"T": 1.0}, "LIFNode: T=1.0 is not accepted; expected an int"),
        ({"tau": 2}, "LIFNode: tau=2 is not accepted; expected a float above 1"),
        ({"tau": 1.0}, "LIFNode: tau=1.0 is not accepted; expected a float above 1"),
        ({"surrogate_function": "Sigmoid"}, "LIFNode: surrogate_function='Sigmoid' is not accepted"),
    ],
)
def test_bad_arguments(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        LIFNode(**arguments)


def test_parallel_input_that_does_not_split() -> None:
    node = IFNode(parallel_optim=True, T=4)
    for shape in [(6, 3), (2, 3)]:
        with pytest.raises(RuntimeError, match=r"IFNode: an input of shape .* a multiple of T=4"):
            node(torch.ones(shape))
    with pytest.raises(ValueError, match=r"T=4 with an input of shape \[\]"):
        node(torch.tensor(1.0))
    with pytest.raises(ValueError, match="T=0 with an input"):
        IFNode(parallel_optim=True, T=0)(torch.ones(4))
    assert IFNode(T=0)(torch.ones(4)).tolist() == [1.0] * 4  # T matters with parallel_optim alone


@pytest.mark.parametrize("cls", NODES)
def test_layouts_of_the_input(cls: type) -> None:
    node = cls(parallel_optim=True, T=2)
    x = torch.randn(3, 8).t()
    assert torch.equal(node(x), cls(parallel_optim=True, T=2)(x.contiguous()))
    image = torch.randn(4, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    step = cls()
    assert step(image).is_contiguous(memory_format=torch.channels_last)
    assert step.v.is_contiguous(memory_format=torch.channels_last)
    assert cls()(torch.tensor(1.5)).shape == ()
    assert cls()(torch.ones(0, 3)).shape == (0, 3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("training", [True, False])
def test_dtypes(dtype: torch.dtype, training: bool) -> None:
    node = LIFNode(v_threshold=0.5).train(training)
    y = node(torch.ones(3, dtype=dtype))
    assert (y.dtype, node.v.dtype) == (dtype, dtype)
    assert y.tolist() == [1.0] * 3  # a tie: h = 0.5


def test_integer_input() -> None:
    x = torch.tensor([[0, 1, 2]])
    for cls in NODES:
        train, silent = cls(), cls().eval()
        assert train(x).dtype == torch.float32
        assert silent(x).dtype == torch.int64
        assert torch.equal(train.v, silent.v)
        assert train.v.dtype == torch.float32


def test_nan_and_infinity() -> None:
    x = torch.tensor([math.inf, math.nan, -math.inf])
    hard, soft = IFNode(), IFNode(v_reset=None)
    assert hard(x).tolist() == [1.0, 0.0, 0.0]
    soft(x)
    assert hard.v[:2].isnan().all()
    assert hard.v[2] == -math.inf
    assert soft.v[0] == math.inf
    assert soft.v[1].isnan()


def test_primitive_in_training_hard_spikes_in_eval() -> None:
    node = IFNode(surrogate_function=Sigmoid(4.0, spiking=False))
    x = torch.tensor([0.5, 1.5])
    assert torch.equal(node(x), torch.sigmoid((x - 1.0) * 4.0))
    node.reset()
    assert node.eval()(x).tolist() == [0.0, 1.0]


def test_state() -> None:
    node = IFNode(v_reset=-0.1)
    assert node.v == -0.1
    assert dict(node.named_memories()) == {"v": -0.1}
    node(torch.ones(2, requires_grad=True) * 0.5)
    assert next(iter(node.memories())) is node.v
    assert node.v.requires_grad
    node.detach()
    assert not node.v.requires_grad
    assert node.state_dict() == {}
    node.double()
    assert node.v.dtype == torch.float64
    twin = pickle.loads(pickle.dumps(node))
    assert torch.equal(twin.v, node.v)
    assert torch.equal(copy.deepcopy(node).v, node.v)
    node.set_reset_value("v", 0.3)
    assert isinstance(node.v, Tensor)
    node.reset()
    assert node.v == 0.3
    node.register_memory("trace", None)
    assert "trace" in dir(node)
    with pytest.raises(AssertionError, match="has been set as a member variable"):
        node.register_memory("v", 0.0)
    del node.v
    assert not hasattr(node, "v")


def test_v_float_to_tensor() -> None:
    node = LIFNode(v_reset=0.2)
    node.v_float_to_tensor(torch.ones(2, 3, dtype=torch.float64))
    assert node.v.dtype == torch.float64
    assert node.v.tolist() == [[0.2] * 3] * 2
    before = node.v
    node.v_float_to_tensor(torch.ones(5))
    assert node.v is before


def test_state_carries_over_between_parallel_calls() -> None:
    node = LIFNode(parallel_optim=True, T=3)
    first, second = node(X[:3].flatten(0, 1)), node(X[3:].flatten(0, 1))
    whole = LIFNode(parallel_optim=True, T=6)(X.flatten(0, 1))
    assert torch.equal(torch.cat([first, second]), whole)


def test_default_surrogate_is_shared_by_the_class() -> None:
    assert IFNode().surrogate_function is IFNode().surrogate_function
    assert IFNode().surrogate_function is not LIFNode().surrogate_function


def test_repr() -> None:
    assert repr(LIFNode(spike_out=True)) == (
        "LIFNode(\n  v_threshold=1.0, v_reset=0.0, detach_reset=False, parallel_optim=False, T=1, tau=2.0\n"
        "  (surrogate_function): Sigmoid(alpha=4.0, spiking=True)\n)"
    )


def test_reset_of_a_network(caplog: pytest.LogCaptureFixture) -> None:
    class Other(nn.Module):
        calls = 0

        def reset(self) -> None:
            self.calls += 1

    net = nn.Sequential(LIFNode(), nn.Linear(3, 3), nn.Sequential(IFNode(v_reset=-0.1)))
    net(torch.ones(2, 3))
    with caplog.at_level(logging.WARNING):
        reset(net)
    assert (net[0].v, net[2][0].v) == (0.0, -0.1)
    assert caplog.text == ""
    other = Other()
    with caplog.at_level(logging.WARNING):
        reset(nn.Sequential(other))
    assert other.calls == 1
    assert "not a snngrow.base.neuron.BaseNode" in caplog.text


def test_base_class_needs_a_charge() -> None:
    with pytest.raises(NotImplementedError, match=r"BaseNode: a subclass.* must provide neuronal_dynamics"):
        BaseNode()(torch.ones(2))


class _Quarter(LIFNode):
    def neuronal_dynamics(self, x: Tensor) -> None:
        self.v = self.v + 0.25 * x


class _Loud(IFNode):
    def neuronal_fire(self, x: Tensor) -> Tensor:
        return 2.0 * super().neuronal_fire(x)


class _Stubborn(IFNode):
    def neuronal_reset(self, spike: Tensor) -> None:
        pass


class _Documented(IFNode):
    @staticmethod
    def hard_reset(v: Tensor, spike: Tensor, v_reset: float, spike_out: bool) -> Tensor:  # type: ignore[override]
        return v * 0.0 + 7.0


class _Pypi(IFNode):
    @staticmethod
    def hard_reset(v: Tensor, spike: Tensor, v_reset: float) -> Tensor:  # type: ignore[override]
        return v * 0.0 + 7.0


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("parallel", [True, False])
def test_subclass_hooks_run(training: bool, parallel: bool) -> None:
    def run(cls: type, x: float) -> tuple[float, float]:
        node = cls(parallel_optim=parallel).train(training)
        return node(torch.full((1,), x)).item(), node.v.item()

    assert run(_Quarter, 2.0) == (0.0, 0.5)
    assert run(_Loud, 2.0)[0] == 2.0
    assert run(_Stubborn, 2.0) == (1.0, 2.0)
    assert run(_Documented, 2.0) == (1.0, 7.0)
    with edition.using("snngrow", "0.1.1a1"):
        assert run(_Pypi, 2.0) == (1.0, 7.0)


def test_descriptions() -> None:
    spec = LIFNode(1.7, False, 0.9, 0.2, ATan(2.0), True, True, 4).__describe__()
    assert spec.charge == "charge_lif_to"
    assert spec.parameters == (("tau", 1.7), ("v_reset", 0.2))
    assert (spec.reset.kind, spec.reset.value, spec.reset.detached) == ("hard", 0.2, True)
    assert (spec.threshold, spec.layout, spec.output) == (0.9, "folded", "dense")
    assert spec.surrogate.family == "atan"
    assert spec.initial == spec.restored == (("v", 0.2),)
    soft = IFNode(v_reset=None, spike_out=True).__describe__()
    assert (soft.charge, soft.reset.kind, soft.output, soft.layout) == (
        "charge_if",
        "soft",
        "spike_tensor",
        "step",
    )
    assert LIFNode().__describe__().charge == "charge_lif_decay_input"
    assert LIFNode(v_reset=-0.1).__describe__().charge == "charge_lif_decay_input_to"
    assert LIFNode(decay_input=False).__describe__().charge == "charge_lif"
    node = IFNode()
    node.set_reset_value("v", 0.25)
    assert node.__describe__().restored == (("v", 0.25),)
    with pytest.raises(TypeError, match="cannot be described"):
        IFNode(surrogate_function=torch.sigmoid).__describe__()
