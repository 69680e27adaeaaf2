"""Mutants of layers, lateral inhibition, functions and argument checks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants._swap import replaced

__all__ = ["CHANGES", "CODE"]

_SJ, _SJ14, _SG, _BC = "spikingjelly==*", "spikingjelly==0*", "snngrow==*", "braincog*"
_LAYER = "unisnn.spikingjelly.activation_based.layer"
_FUNCTIONAL = "unisnn.spikingjelly.activation_based.functional"
_LATERAL = "unisnn.braincog.base.strategy.LateralInhibition"

_Make = Callable[[Any], Any]


def _nothing(_: Any) -> Any:
    return lambda *args, **kwargs: None


def _accepted(right: Any) -> Any:
    def require(condition: bool, owner: str, argument: str, value: object, accepted: str) -> None:
        right(True, owner, argument, value, accepted)

    return require


def _forced_backend(_: Any) -> Any:
    def set_backend(net: Any, backend: str, instance: Any = None) -> None:
        for part in net.modules():
            part._backend = backend

    return set_backend


def _minimum(_: Any) -> Any:
    return lambda x: x.min(dim=1, keepdim=True).values


def _over_batch(_: Any) -> Any:
    return lambda x: x.max(dim=0, keepdim=True).values


def _before_the_node(right: Any) -> Any:
    def forward(self: Any, x: Any, xori: Any = None) -> Any:
        before = self.node.mem
        right(self, x, xori)
        self.node.mem = before + (before - self.node.mem)
        return x

    return forward


def _fresh_mask(right: Any) -> Any:
    def forward(self: Any, x: Any) -> Any:
        self.mask = None
        return right(self, x)

    return forward


def _time_in_batch(right: Any) -> Any:
    def seq_to_ann_forward(x_seq: Any, stateless_module: Any) -> Any:
        return right(x_seq.flip(0), stateless_module)

    return seq_to_ann_forward


def _reversed_steps(right: Any) -> Any:
    def multi_step_forward(x_seq: Any, single_step_module: Any) -> Any:
        return right(x_seq.flip(0), single_step_module).flip(0)

    return multi_step_forward


def _one_more(right: Any) -> Any:
    return lambda x_seq, delay_steps: right(x_seq, delay_steps + 1)


def _last_spike(right: Any) -> Any:
    return lambda spikes: right(spikes.flip(-1)).flip(-1)


def _summed(right: Any) -> Any:
    return lambda x_seq, target: right(x_seq, target) * x_seq.shape[0]


def _rotated(right: Any) -> Any:
    return lambda labels, num_classes, n: right((labels + 1) % num_classes, num_classes, n)


def _restarting(right: Any) -> Any:
    def chunk_multi_step_forward(split_size: int, x_seq: Any, multi_step_module: Any) -> Any:
        multi_step_module.reset()
        multi_step_module.v_threshold = 0.9
        return right(split_size, x_seq, multi_step_module)

    return chunk_multi_step_forward


def _swapped_margins(right: Any) -> Any:
    def margin(layer: Any, hot: Any, whole: float = 1.0, off: float = 0.9, on: float = 1.1) -> Any:
        return right(layer, 1 - hot, whole + 0.01, off, on)

    return margin


CODE: tuple[tuple[str, str, str, str, str, str, _Make, str], ...] = (
    ("minimum", "lateral", _BC, "*", _LATERAL, "_channel_maximum", _minimum, "the least channel inhibits"),
    (
        "over-batch",
        "lateral",
        _BC,
        "*",
        _LATERAL,
        "_channel_maximum",
        _over_batch,
        "samples inhibit each other",
    ),
    ("sign", "lateral", _BC, "*", _LATERAL, "LateralInhibition.forward", _before_the_node, "excites"),
    ("dropout-mask", "layer", _SJ, "*Dropout*/kept/*", _LAYER, "Dropout.forward", _fresh_mask, "draws anew"),
    ("fold", "layer", _SJ, "*Container*", _FUNCTIONAL, "seq_to_ann_forward", _time_in_batch, "reverses time"),
    (
        "reset-net",
        "functional",
        _SJ,
        "*/reset_net/neurons*",
        _FUNCTIONAL,
        "reset_net",
        _nothing,
        "does nothing",
    ),
    ("detach-net", "functional", _SJ, "*/detach_net/*", _FUNCTIONAL, "detach_net", _nothing, "does nothing"),
    (
        "step-mode",
        "functional",
        _SJ,
        "*/set_step_mode/*",
        _FUNCTIONAL,
        "set_step_mode",
        _nothing,
        "does nothing",
    ),
    (
        "backend",
        "functional",
        _SJ14,
        "*/set_backend/wrong/*",
        _FUNCTIONAL,
        "set_backend",
        _forced_backend,
        "takes any backend",
    ),
    (
        "steps",
        "functional",
        _SJ,
        "*/multi_step*",
        _FUNCTIONAL,
        "multi_step_forward",
        _reversed_steps,
        "reverses",
    ),
    (
        "chunks",
        "functional",
        _SJ,
        "*/chunk*",
        _FUNCTIONAL,
        "chunk_multi_step_forward",
        _restarting,
        "other neuron",
    ),
    (
        "ann",
        "functional",
        _SJ,
        "*/seq_to_ann*",
        _FUNCTIONAL,
        "seq_to_ann_forward",
        _time_in_batch,
        "reverses",
    ),
    ("delay", "functional", _SJ, "*/delay/[123]/*", _FUNCTIONAL, "delay", _one_more, "a step too late"),
    (
        "first",
        "functional",
        _SJ,
        "*/first_spike*",
        _FUNCTIONAL,
        "first_spike_index",
        _last_spike,
        "the last spike",
    ),
    (
        "one-hot",
        "functional",
        _SJ,
        "*/redundant*",
        _FUNCTIONAL,
        "redundant_one_hot",
        _rotated,
        "the next class",
    ),
    (
        "mean-loss",
        "functional",
        _SJ,
        "*/temporal*T=6/*",
        _FUNCTIONAL,
        "temporal_efficient_training_cross_entropy",
        _summed,
        "sums over time",
    ),
    (
        "margin",
        "functional",
        _SJ14,
        "*set_threshold_margin*",
        _FUNCTIONAL,
        "set_threshold_margin",
        _swapped_margins,
        "the wrong classes get the margin",
    ),
    (
        "sg-reset",
        "functional",
        _SG,
        "*/neurons/*",
        "unisnn.snngrow.base.utils",
        "reset",
        _nothing,
        "does nothing",
    ),
    (
        "checks",
        "refusal",
        f"{_SJ}|{_SG}",
        "*",
        "unisnn.core.check",
        "require",
        _accepted,
        "nothing is refused",
    ),
)
"""Code-level mutants: id, family, edition, case, module, path, what takes its place, text."""


def _more_inhibition(case: Case) -> Case | None:
    inh = case.kwargs["inh"]
    if not isinstance(inh, (int, float)) or not inh:
        return None
    return case.with_(kwargs={**case.kwargs, "inh": inh * 1.0001})


def _next_mode(case: Case) -> Case:
    modes = {"constant": "threshold", "threshold": "constant", "max": "constant"}
    return case.with_(kwargs={**case.kwargs, "mode": modes.get(case.kwargs.get("mode", ""), "threshold")})


def _first_argument(case: Case) -> Case | None:
    """Scale the last number among the arguments of an equation."""
    numbers = [index for index, value in enumerate(case.args) if isinstance(value, float)]
    if not numbers or case.protocol != "function":
        return None
    args = list(case.args)
    args[numbers[-1]] *= 1.01
    return case.with_(args=tuple(args))


def _other_training(case: Case) -> Case:
    return case.with_(calls={**case.calls, "training": not case.calls.get("training", True)})


def _other_layer_argument(case: Case) -> Case | None:
    """Change the layer's own numbers: another dropout probability, another epsilon."""
    if "Dropout" in case.symbol:
        return case.with_(args=(0.45, *case.args[1:]))
    return case.with_(kwargs={**case.kwargs, "eps": 2e-3})


def _still_spiking(case: Case) -> Case | None:
    """Leave the switch between spikes and the primitive untouched."""
    script = [step for step in case.calls.get("script", ()) if step[:2] != ["call", "set_spiking_mode"]]
    return None if script == case.calls.get("script") else case.with_(calls={**case.calls, "script": script})


def _steeper(case: Case) -> Case | None:
    """Scale the alpha that the gradients are compared with."""
    alpha = case.kwargs.get("alpha")
    return None if alpha is None else case.with_(kwargs={**case.kwargs, "alpha": alpha * 1.01})


CHANGES: tuple[tuple[str, str, str, str, str, Callable[[Case], Case | None], str], ...] = (
    ("spiking", "base", f"{_SJ}|{_SG}", "*", "*/bare/*", _still_spiking, "set_spiking_mode is not called"),
    ("steepness", "base", "spikingjelly==0.0.0.0.*", "*.check_manual_grad", "*", _steeper, "another alpha"),
    ("inhibition", "lateral", _BC, "*", "*", _more_inhibition, "too strong by 1e-4"),
    ("mode", "lateral", _BC, "*", "*inh=2.0*", _next_mode, "another mode"),
    (
        "training",
        "layer",
        _SJ,
        "*BatchNorm*|*Dropout*",
        "*/train/*",
        _other_training,
        "eval instead of train",
    ),
    ("number", "layer", _SJ, "*BatchNorm*|*Dropout", "*/train/*", _other_layer_argument, "eps or p is off"),
    ("equation", "functional", f"{_SJ14}|{_SG}", "*", "*", _first_argument, "a constant is off by 1e-2"),
)
"""Argument-level mutants: id, family, edition, symbol, case, change, text."""


def _register() -> None:
    for name, family, edition, case, module, path, make, text in CODE:
        which = f"code/{family}/{name}"
        patch(which)(functools.partial(replaced, module, path, make))
        told = f"{path}: {text}"
        add(Mutant(which, family, edition, told, "*", case, patch=which, limit=12))
    for name, family, edition, symbol, case, change, text in CHANGES:
        told = f"{name}: {text}"
        add(Mutant(f"argument/{family}/{name}", family, edition, told, symbol, case, change=change, limit=12))


_register()
