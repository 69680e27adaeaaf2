"""Wrong exchanges with Lava-DL: integers rounded down, time in the wrong place, a tau not inverted."""

from __future__ import annotations

from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_EDITIONS = "spikingjelly==0.0.0.0.1[24]"
_PACKAGE = "unisnn.spikingjelly.activation_based"


@patch("lava/shift")
def _shift() -> Any:
    return replaced(f"{_PACKAGE}._lava_neuron", "right_shift_to_zero", lambda _: lambda x, bits: x >> bits)


@patch("lava/fraction")
def _fraction() -> Any:
    from unisnn.spikingjelly.activation_based import quantize

    return replaced(f"{quantize.__name__}", "step_quantize", lambda _: lambda x, step: x)


@patch("lava/variance")
def _variance() -> Any:
    def make(before: Any) -> Any:
        def forward(self: Any, x: Any) -> Any:
            y = before(self, x)
            self.running_var.mul_((x.numel() + self.num_features) / x.numel())
            return y

        return forward

    return replaced(f"{_PACKAGE}._lava_neuron", "BatchNorm2d.forward", make)


@patch("lava/time")
def _time() -> Any:
    from unisnn.spikingjelly.activation_based import _lava_blocks

    def wrong(x_seq: Any) -> Any:
        return x_seq.transpose(0, -1)

    return swapped_code(_lava_blocks.NXT_to_TNX, wrong)


@patch("lava/tau")
def _tau() -> Any:
    def make(before: Any) -> Any:
        def parameters(neuron: Any, integrate: type, leaky: type) -> Any:
            found = before(neuron, integrate, leaky)
            return {**found, "voltage_decay": 1.0 - found["voltage_decay"]}

        return parameters

    return replaced(f"{_PACKAGE}._lava_blocks", "parameters_of", make)


@patch("lava/quantised")
def _quantised() -> Any:
    def make(before: Any) -> Any:
        return lambda quantized: before(not quantized)

    return replaced(f"{_PACKAGE}._lava_blocks", "_options", make)


for _name, _text, _case in (
    ("shift", "negative states are rounded down", "*/CubaLIFNode/*|*/LeakyIntegratorStep/*"),
    ("fraction", "neither weights nor decays are rounded", "*/quantize_8bit/*"),
    ("variance", "the recorded variance is the batch's own", "*/BatchNorm2d/*/train/*"),
    ("time", "time and batch change places", "*/NXT_to_TNX/*"),
    ("tau", "the decay is what is kept", "*/to_lava_neuron_param_dict/*"),
    ("quantised", "weights are quantised when they should not be", "*/to_lava_block_dense/*"),
):
    _id = f"lava/{_name}"
    add(Mutant(_id, "lava", _EDITIONS, _text, case=_case, patch=_id))
