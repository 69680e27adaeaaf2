"""Mutants of stateful layers: another decay, another draw, another order of the gradient's terms."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_FAMILY, _LAYER = "layer_stateful", "activation_based.layer"
_SJ14, _SJ2 = "spikingjelly==0*", "spikingjelly==2*"
_SYNAPSE, _ATTENTION, _STEP = "core.synapse", "core.attention", "RecurrentContainer.single_step_forward"


def _current(current: Any, spike: Any, decay: Any) -> Any:
    return current * (1 - (1 - spike) * decay) + spike


def _trace(trace: Any, spike: Any, kept: Any, gain: Any) -> Any:
    return kept * trace + (gain * spike).sum(dim=1, keepdim=True)


def _dropped(weight: Any, batch_size: Any, p: Any) -> Any:
    spread = weight.detach().unsqueeze(0).repeat(batch_size, *(1,) * weight.dim())
    return weight * (torch.rand_like(spread) < 1 - p)  # type: ignore[name-defined]  # noqa: F821


def _mean(x: Any, weight: Any, bias: Any, p: Any, samples: Any, activation: Any) -> Any:
    mean = (1 - p) * _nn_functional.linear(x, weight, bias)  # type: ignore[name-defined]  # noqa: F821
    return mean if activation is None else activation(mean)


def _steps(x_seq: Any, average: Any, maximum: Any, score: Any) -> Any:
    x = x_seq.transpose(0, 1)
    shape = x.shape[:2]
    scale = (score(average(x).view(shape)) * 2).sigmoid()
    return (x * scale.reshape(*shape, *(1,) * (x.dim() - 2))).transpose(0, 1)


def _scale(x: Any, average: Any, maximum: Any, score: Any) -> Any:
    return (score(average(x)) - score(maximum(x))).sigmoid()


def _recurrent(self: Any, x: Any) -> Any:
    if self.y is None:
        self.y = self.sub_module(x)
    self.y = self.sub_module(self.element_wise_function(x, self.y))
    return self.y


def _joined(self: Any, x: Any) -> Any:
    return self.sub_module(self.rc(x.new_zeros(*x.shape[:-1], self.rc.in_features) + x.mean()))


def _delayed(self: Any, x: Any) -> Any:
    self.queue.append(x)
    return self.queue.pop(0) if len(self.queue) >= self.delay_steps else x * 0


_TABLE: tuple[tuple[str, str, str, Any, str, str, str], ...] = (
    (
        "synapse-current",
        "core.synapse",
        "filtered_current",
        _current,
        _SJ14,
        "SynapseFilter",
        "another order",
    ),
    ("synapse-trace", _SYNAPSE, "channel_trace", _trace, _SJ14, "NeuNorm", "gain before the sum"),
    ("drop-connections", _SYNAPSE, "drop_connections", _dropped, _SJ14, "DropConnectLinear", "u < 1-p"),
    ("drop-mean", _SYNAPSE, "drop_connect_mean", _mean, _SJ14, "DropConnectLinear", "no samples"),
    (
        "attend-steps",
        _ATTENTION,
        "attend_to_steps",
        _steps,
        _SJ2,
        "TemporalWiseAttention",
        "no maximum",
    ),
    ("axis-scale", _ATTENTION, "axis_scale", _scale, _SJ2, "MultiDimensionalAttention", "a difference"),
    (
        "element-wise",
        "layer",
        f"ElementWise{_STEP}",
        _recurrent,
        _SJ14,
        "",
        "swapped",
    ),
    (
        "linear-recurrent",
        "layer",
        f"Linear{_STEP}",
        _joined,
        _SJ14,
        "",
        "no input",
    ),
    ("delay", "layer", "Delay.single_step_forward", _delayed, _SJ14, "", "one step too short"),
)


def _register(name: str, module: str, path: str, wrong: Any, edition: str, symbol: str, text: str) -> None:
    home = f"unisnn.{module}" if module.startswith("core") else f"unisnn.spikingjelly.{_LAYER}"

    @patch(f"layers-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        import importlib

        found: Any = importlib.import_module(home)
        for part in path.split("."):
            found = getattr(found, part)
        with swapped_code(found, wrong):
            yield

    add(
        Mutant(
            f"layers-{name}",
            _FAMILY,
            edition,
            text,
            f"{_LAYER}.{symbol or path.partition('.')[0]}",
            {"drop-mean": "*/eval*", "delay": "*2],default/s/*"}.get(name, "*"),
            patch=f"layers-{name}",
            limit=4,
        )
    )


for _row in _TABLE:
    _register(*_row)
