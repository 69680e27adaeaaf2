"""Wrong tools: an element that is not counted, neurons that reset to zero, the spikes' complement kept."""

from __future__ import annotations

from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_EDITIONS = "spikingjelly==0.0.0.0.1[24]"
_PACKAGE = "unisnn.spikingjelly"


@patch("clock_tools/uncounted")
def _uncounted() -> Any:
    def make(before: Any) -> Any:
        def hook(self: Any, module: Any, input: Any, output: Any) -> None:
            before(self, module, input, output)
            module.cnt -= 1

        return hook

    return replaced(f"{_PACKAGE}.clock_driven.monitor", "Monitor.forward_hook", make)


@patch("clock_tools/single-step")
def _single_step() -> Any:
    def make(before: Any) -> Any:
        def hook(self: Any, module: Any, input: Any, output: Any) -> None:
            before(self, module, input, output.flatten(0, 1) if output.dim() > 2 else output)

        return hook

    return replaced(f"{_PACKAGE}.clock_driven.monitor", "Monitor.forward_hook", make)


@patch("clock_tools/hard-reset")
def _hard_reset() -> Any:
    def make(before: Any) -> Any:
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            before(self, *args, **{**kwargs, "v_reset": 0.0})

        return init

    return replaced(f"{_PACKAGE}.clock_driven.neuron", "IFNode.__init__", make)


@patch("clock_tools/training")
def _training() -> Any:
    def make(before: Any) -> Any:
        def forward(self: Any, relu_model: Any) -> Any:
            return before(self, relu_model).train()

        return forward

    return replaced(f"{_PACKAGE}.clock_driven.ann2snn.converter", "Converter.forward", make)


def _other_dimension(ctx: Any, grad_output: Any) -> Any:
    spike, weight = _kept(ctx, grad_output.dtype)  # type: ignore[name-defined]  # noqa: F821
    rows = grad_output.reshape(-1, grad_output.shape[-1])
    grad_weight = rows.t() @ (1 - spike).reshape(-1, spike.shape[-1])
    return grad_output @ weight, grad_weight, None if ctx.bias is None else rows.sum(0)


@patch("clock_tools/inverted-bits")
def _inverted_bits() -> Any:
    from unisnn.spikingjelly.activation_based import spike_op

    return swapped_code(spike_op.spikeLinear.backward, _other_dimension)


@patch("clock_tools/writer")
def _writer() -> Any:
    def make(before: Any) -> Any:
        def write(self: Any, index: int, utilization: int, memory: int) -> None:
            before(self, index, memory, utilization)

        return write

    return replaced(f"{_PACKAGE}.activation_based.monitor", "GPUMonitor._write", make)


@patch("clock_tools/key")
def _key() -> Any:
    from unisnn.spikingjelly.activation_based import tensor_cache

    def wrong(x: Any) -> Any:
        return x.data_ptr(), x.data_ptr(), x.numel()

    return swapped_code(tensor_cache.tensor_key, wrong)


@patch("clock_tools/blocks")
def _blocks() -> Any:
    from unisnn.spikingjelly.clock_driven import cu_kernel_opt

    def wrong(numel: int) -> int:
        return numel // 512 + 1

    return swapped_code(cu_kernel_opt.cal_blocks, wrong)


for _name, _family, _text, _case in (
    ("uncounted", "clock_tools", "one element a call is not counted", "*/Monitor/*/single/*"),
    ("single-step", "clock_tools", "time steps are samples", "*/Monitor/*/multi/*"),
    ("hard-reset", "clock_ann2snn", "the neurons reset to zero", "*/Converter/*/default/*"),
    ("training", "clock_ann2snn", "the converted network is in training", "*/Converter/*/default/*"),
    ("inverted-bits", "clock_tools", "the gradient of silent inputs", "*/spikeLinear/*"),
    (
        "writer",
        "clock_tools",
        "memory as utilization",
        "*/GPUMonitor/activation_based/logged/*",
    ),
    ("key", "clock_tools", "the last address is the first one", "*/BoolTensorCache/*"),
    ("blocks", "clock_tools", "a block too many for full blocks", "*/cal_blocks/*"),
):
    _id = f"clock_tools/{_name}"
    add(Mutant(_id, _family, _EDITIONS, _text, case=_case, patch=_id))
