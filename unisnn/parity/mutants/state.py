"""Mutants of code that keeps state and time: reset, detach, sequences, layouts, what the output is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants._swap import replaced

__all__ = ["CODE"]

_SJ, _SG, _BC, _QU = "spikingjelly==*", "snngrow==*", "braincog*", "qualia*"
_NODE, _SUPPORT = "unisnn.braincog.base.node.node", "unisnn.braincog.base.node._support"
_CUSTOM = "unisnn.qualia_plugin_snn.learningmodel.pytorch.layers.CustomNode"
_BASE = "unisnn.spikingjelly.activation_based.neuron._base_node"
_MEMORY = "unisnn.core.memory"


def _nothing(_: Any) -> Any:
    return lambda self, *args, **kwargs: None


def _reset_to_float(_: Any) -> Any:
    def reset(self: Any) -> None:
        for name in self._memories:
            self._memories[name] = 0.0

    return reset


def _set_now(right: Any) -> Any:
    def set_reset_value(self: Any, name: str, value: Any) -> None:
        right(self, name, value)
        if name in self._memories:
            self._memories[name] = value

    return set_reset_value


def _shifted_sequence(right: Any) -> Any:
    def multi_step_forward(self: Any, x_seq: Any) -> Any:
        y = right(self, x_seq)
        if self.store_v_seq:
            self.v_seq = self.v_seq.roll(1, 0)
        return y

    return multi_step_forward


def _backwards(right: Any) -> Any:
    def scan(step: Any, sequence: Any, owner: str = "scan") -> Any:
        return right(step, sequence.flip(0), owner).flip(0)

    return scan


def _attached_reset(_: Any) -> Any:
    def fire_and_reset(self: Any, threshold: Any) -> None:
        self.spike = self.act_fun(self.mem - threshold)
        self.mem = self.mem * (1.0 - self.spike)

    return fire_and_reset


def _n_reset_zero(right: Any) -> Any:
    def n_reset(self: Any) -> None:
        right(self)
        self.mem = 0.0

    return n_reset


def _plain_threshold(_: Any) -> Any:
    return lambda self: self.threshold


def _batch_first(_: Any) -> Any:
    def from_folded(x: Any, step: int, owner: str) -> Any:
        return x.reshape(x.shape[0] // step, step, *x.shape[1:]).transpose(0, 1)

    return from_folded


def _time_slowest(_: Any) -> Any:
    def from_grouped(x: Any, step: int, owner: str) -> Any:
        return x.reshape(x.shape[0], step, x.shape[1] // step, *x.shape[2:]).movedim(1, 0)

    return from_grouped


def _unscaled(_: Any) -> Any:
    def ifsrl_fn(self: Any, x: Any) -> Any:
        self.neuronal_charge(x)
        z = self.neuronal_fire()
        self.neuronal_reset(z)
        return z

    return ifsrl_fn


def _kept_value(_: Any) -> Any:
    def reset(self: Any) -> None:
        self.v = self.v.detach()

    return reset


def _forget(right: Any) -> Any:
    def v_float_to_tensor(self: Any, x: Any) -> None:
        self.v = 0.0 if self.v_reset is None else self.v_reset
        right(self, x)

    return v_float_to_tensor


CODE: tuple[tuple[str, str, str, str, str, str, Callable[[Any], Any], str], ...] = (
    (
        "reset-nothing",
        "state",
        f"{_SJ}|{_SG}",
        "*reset-between*",
        _MEMORY,
        "MemoryModule.reset",
        _nothing,
        "reset does nothing",
    ),
    (
        "reset-zero",
        "state",
        f"{_SJ}|{_SG}",
        "*reset-value/*",
        _MEMORY,
        "MemoryModule.reset",
        _reset_to_float,
        "reset gives 0.",
    ),
    (
        "detach-nothing",
        "state",
        f"{_SJ}|{_SG}",
        "*detach-between*",
        _MEMORY,
        "MemoryModule.detach",
        _nothing,
        "detach does nothing",
    ),
    (
        "set-reset-now",
        "state",
        f"{_SJ}|{_SG}",
        "*reset-value/*",
        _MEMORY,
        "MemoryModule.set_reset_value",
        _set_now,
        "set_reset_value changes the present value",
    ),
    (
        "deepcopy-graph",
        "state",
        f"{_SJ}|{_SG}",
        "*deepcopy-attached*",
        _MEMORY,
        "MemoryModule.__deepcopy__",
        lambda _: lambda self, memo: self,
        "a state in a graph is copied",
    ),
    (
        "v-seq-shifted",
        "state",
        _SJ,
        "*v-seq*",
        _BASE,
        "BaseNode.multi_step_forward",
        _shifted_sequence,
        "v_seq is a step late",
    ),
    (
        "stateless",
        "state",
        _SJ,
        "*second-call*",
        _BASE,
        "BaseNode.v_float_to_tensor",
        _forget,
        "every step starts anew",
    ),
    (
        "backwards",
        "neuron",
        f"{_SJ}|{_SG}|{_BC}",
        "*sequence*|*flat*|*groups*",
        "unisnn.core.scan",
        "scan",
        _backwards,
        "time runs backwards",
    ),
    (
        "bc-attached",
        "neuron",
        _BC,
        "*Sigmoid*",
        _NODE,
        "BaseNode._fire_and_reset",
        _attached_reset,
        "the reset is not detached",
    ),
    (
        "bc-n-reset",
        "neuron",
        _BC,
        "*v_reset=0.3*",
        _NODE,
        "BaseNode.n_reset",
        _n_reset_zero,
        "n_reset gives 0.",
    ),
    (
        "bc-sigmoid-thres",
        "neuron",
        _BC,
        "*/IFNode/*sigmoid_thres=True*",
        _NODE,
        "BaseNode.get_thres",
        _plain_threshold,
        "sigmoid_thres is ignored",
    ),
    (
        "bc-mem-detach",
        "neuron",
        _BC,
        "*mem_detach=True*",
        _SUPPORT,
        "detached",
        lambda _: lambda value: value,
        "mem_detach is ignored",
    ),
    (
        "bc-batch-first",
        "neuron",
        _BC,
        "*flat*",
        "unisnn.braincog.base.node._layout",
        "from_folded",
        _batch_first,
        "the batch comes before the time",
    ),
    (
        "bc-time-slowest",
        "neuron",
        _BC,
        "*groups*",
        "unisnn.braincog.base.node._layout",
        "from_grouped",
        _time_slowest,
        "time is the slower index",
    ),
    ("qu-unscaled", "neuron", _QU, "*ATIF*", _CUSTOM, "ATIF.ifsrl_fn", _unscaled, "the output is not scaled"),
    (
        "qu-reset-kept",
        "state",
        _QU,
        "*IFSRL/reset*",
        _CUSTOM,
        "IFSRL.reset",
        _kept_value,
        "reset keeps the potential",
    ),
)
"""Code-level mutants: id, family, edition, case, module, path, what takes its place, text."""


def _register() -> None:
    for name, family, edition, case, module, path, make, text in CODE:
        which = f"code/{name}"
        patch(which)(functools.partial(replaced, module, path, make))
        for each in family.split("|"):
            add(Mutant(f"{which}/{each}", each, edition, text, "*", case, patch=which, limit=12))


_register()
