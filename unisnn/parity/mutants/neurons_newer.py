"""Mutants of the neurons since 0.0.0.0.14: a wrong order of operations, mask, decay or rate."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_FAMILY, _EDITION = "neuron_newer", "spikingjelly==2.0.0"
_CORE = "unisnn.core."
_NODES = "unisnn.spikingjelly.activation_based.neuron"


def _in_parallel(x: Any, weight: Any, bias: Any) -> Any:
    return torch.addmm(bias, weight.t(), x.flatten(1)).view(x.shape)  # type: ignore[name-defined]  # noqa: F821


def _from_queue(queue: Any, weight: Any, bias: Any) -> Any:
    oldest = torch.stack(tuple(queue)[::-1])  # type: ignore[name-defined]  # noqa: F821
    return (weight.unsqueeze(-1) * oldest).sum(0) + bias


def _masked(weight: Any, share: Any, mask: Any, everything: Any) -> Any:
    return ((1.0 - share) * mask + share * everything) * weight


def _band(time_steps: Any, k: Any) -> Any:
    ones = torch.ones([time_steps, time_steps])  # type: ignore[name-defined]  # noqa: F821
    return torch.triu(torch.tril(ones), -k)  # type: ignore[name-defined]  # noqa: F821


def _sliding(weight: Any, time_steps: Any) -> Any:
    made = torch.zeros([time_steps, time_steps])  # type: ignore[name-defined]  # noqa: F821
    for i in range(time_steps):
        length = min(i + 1, weight.numel())
        made[i, i + 1 - length : i + 1] = weight[:length]
    return made


def _filter_current(c: Any, x: Any, decay: Any) -> Any:
    return (c + x) * decay


def _charge_decayed(v: Any, c: Any, decay: Any) -> Any:
    return v * (1 - decay) + c


def _complement(m: Any, h: Any, tau: Any) -> Any:
    return m * (h * tau).sigmoid()


def _reset_complementary(h: Any, s: Any, m: Any, threshold: Any) -> Any:
    return h - s * threshold


def _conduct(x: Any, beta: Any, conductance: Any) -> Any:
    return x * (1 - beta) * (1 - conductance)


def _charge_gated(v: Any, i: Any, s: Any, alpha: Any, gamma: Any, tau: Any, linear: Any, sub: Any) -> Any:
    decayed = (1 - alpha * (1 - tau)) * v
    return decayed - (1 - alpha) * linear + i - decayed * gamma * s


def _track(trace: Any, s: Any, tau: Any) -> Any:
    return trace / tau + s


def _weighted_rate(data: Any, tau: Any, delta_t: Any) -> Any:
    return data.mean(0)


_EQUATIONS: dict[str, tuple[str, Any, str, str]] = {
    "charge_in_parallel": ("neuron_parallel", _in_parallel, "PSN", "the weight is transposed"),
    "charge_from_queue": ("neuron_parallel", _from_queue, "SlidingPSN", "the queue is read backwards"),
    "masked": ("neuron_parallel", _masked, "MaskedPSN", "lambda counts the wrong way"),
    "band": ("neuron_parallel", _band, "MaskedPSN", "the mask lets one step more in"),
    "sliding": ("neuron_parallel", _sliding, "SlidingPSN", "the sliding weight starts at its oldest number"),
    "filter_current": ("neuron_second_state", _filter_current, "CUBALIFNode", "the input decays too"),
    "charge_decayed": ("neuron_second_state", _charge_decayed, "CUBALIFNode", "the decay is taken from 1"),
    "complement": ("neuron_second_state", _complement, "ComplementaryLIFNode", "tau multiplies"),
    "reset_complementary": (
        "neuron_second_state",
        _reset_complementary,
        "ComplementaryLIFNode",
        "the reset is that of a plain neuron",
    ),
    "conduct": ("neuron_second_state", _conduct, "GatedLIFNode", "a bracket of the gated input is lost"),
    "charge_gated": ("neuron_second_state", _charge_gated, "GatedLIFNode", "the soft reset is lost"),
    "track": ("neuron_second_state", _track, "OTTTLIFNode", "the trace is divided by tau"),
    "weighted_rate": ("neuron_rate", _weighted_rate, "DSRLIFNode", "the rate is not weighted"),
}


def _register(name: str, module: str, wrong: Any, symbol: str, text: str) -> None:
    @patch(f"newer-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        with swapped_code(getattr(importlib.import_module(_CORE + module), name), wrong):
            yield

    path = f"activation_based.neuron.{symbol}"
    add(Mutant(f"newer-{name}", _FAMILY, _EDITION, text, path, "*", patch=f"newer-{name}", limit=40))


for _name, _parts in _EQUATIONS.items():
    _register(_name, *_parts)


def _rate_of_steps(ctx: Any, gradient: Any) -> Any:
    return gradient, None, None, None


@patch("newer-rate-if")
@contextlib.contextmanager
def _rate_if() -> Iterator[None]:
    with replaced("unisnn.core.neuron_rate", "RateIF.backward", lambda original: _rate_of_steps):
        yield


add(
    Mutant(
        "newer-rate-if",
        _FAMILY,
        _EDITION,
        "the rate-trained neuron is differentiated step by step",
        "activation_based.neuron.DSRIFNode",
        "*-uni/train/*",
        patch="newer-rate-if",
    )
)


def _keeps_graph(self: Any, x: Any) -> Any:
    self.v_float_to_tensor(x)
    self.neuronal_charge(x)
    spike = self.surrogate_function(self.v - self.v_threshold)
    self.neuronal_reset(spike)
    return spike


@patch("newer-sltt-through-time")
@contextlib.contextmanager
def _through_time() -> Iterator[None]:
    with replaced(_NODES, "SLTTLIFNode.single_step_forward", lambda original: _keeps_graph):
        yield


add(
    Mutant(
        "newer-sltt-through-time",
        _FAMILY,
        _EDITION,
        "SLTT keeps the graph of the step before",
        "activation_based.neuron.SLTTLIFNode",
        "*-uni/train/*|*/nrm/*",
        patch="newer-sltt-through-time",
    )
)
