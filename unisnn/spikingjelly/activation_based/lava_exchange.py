"""From SpikingJelly to Lava-DL: its CUBA neuron, its quantisers, and the layout of its tensors.

Nothing here needs Lava-DL but ``BatchNorm2d.to_lava`` and what builds Lava-DL's synapses and blocks, when
they are called (``pip install lava-dl``).
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from unisnn.core import absent as _absent
from unisnn.spikingjelly.activation_based import _lava_blocks, neuron, quantize
from unisnn.spikingjelly.activation_based._lava_blocks import (
    NXT_to_TNX,
    TNX_to_NXT,
    avgpool2d_to_lava_synapse_pool,
    lava_neuron_forward,
    quantize_8bit,
    step_quantize,
)
from unisnn.spikingjelly.activation_based._lava_neuron import (
    BatchNorm2d,
    CubaLIFNode,
    LeakyIntegratorStep,
    right_shift_to_zero,
)

__all__ = [
    "BatchNorm2d",
    "CubaLIFNode",
    "LeakyIntegratorStep",
    "NXT_to_TNX",
    "TNX_to_NXT",
    "avgpool2d_to_lava_synapse_pool",
    "check_instance",
    "check_no_bias",
    "conv2d_to_lava_synapse_conv",
    "lava_neuron_forward",
    "linear_to_lava_synapse_dense",
    "quantize_8b",
    "quantize_8bit",
    "right_shift_to_zero",
    "step_quantize",
    "step_quantize_atgf",
    "step_quantize_forward",
    "to_lava_block_conv",
    "to_lava_block_dense",
    "to_lava_block_flatten",
    "to_lava_block_pool",
    "to_lava_neuron",
    "to_lava_neuron_param_dict",
]


def step_quantize_forward(x: Tensor, step: float) -> Tensor:
    """Return the nearest multiple of ``step``.

    Equation::

        y = round(x/step)*step

    Args:
        x: any tensor.
        step: the distance of two values.

    Shape: that of ``x``.

    Source: ``lava_exchange.step_quantize_forward``, SpikingJelly 0.0.0.0.14.
    """
    return quantize.step_quantize_forward(x, step)


class step_quantize_atgf(quantize.step_quantize_atgf):
    """The autograd function of :func:`step_quantize`.

    Equation::

        y = round(x/step)*step;  dL/dx = dL/dy

    Args:
        x: any floating tensor.
        step: the distance of two values (default 1.0).

    Shape: that of ``x``.

    Source: ``lava_exchange.step_quantize_atgf``, SpikingJelly 0.0.0.0.14.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, step: float = 1.0) -> Tensor:
        """Return the quantised tensor."""
        return step_quantize_forward(x, step)


def quantize_8b(x: Tensor, scale: float, descale: bool = False) -> Tensor:
    """Round to the 256 even multiples of ``1/scale`` that Loihi's weights have.

    Equation::

        y = clamp(2*k/scale, -256/scale, 255/scale)        k the nearest integer to x*scale/2
        y = y*scale                                        descale

    The gradient is 1 where nothing is cut off, 0 elsewhere.

    Args:
        x: weights.
        scale: how many steps make 1.
        descale: whether the steps are counted instead (default False).

    Shape: that of ``x``.

    Raises:
        ZeroDivisionError: ``scale`` is 0.

    Source: ``lava_exchange.quantize_8b``, SpikingJelly 0.0.0.0.14.
    """
    return quantize_8bit(x, scale, descale)


def check_instance(m: object, instance: type) -> None:
    """Accept an object of the class ``instance``.

    Args:
        m: any object.
        instance: the class.

    Raises:
        ValueError: it is of another class.

    Source: ``lava_exchange.check_instance``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    _lava_blocks.require_instance(m, instance, "check_instance: m")


def check_no_bias(m: nn.Module) -> None:
    """Accept a layer without bias.

    Args:
        m: a layer with the attribute ``bias``.

    Raises:
        ValueError: its bias is not None.
        AttributeError: it cannot have one.

    Source: ``lava_exchange.check_no_bias``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    _lava_blocks.require_no_bias(m, "check_no_bias: m")


def to_lava_neuron_param_dict(sj_ms_neuron: nn.Module) -> dict[str, Any]:
    """Return the parameters of Lava-DL's CUBA neuron that behaves as ``sj_ms_neuron``.

    Equation::

        current_decay = 1;  voltage_decay = 0 for IFNode, 1/tau for LIFNode

    Args:
        sj_ms_neuron: ``IFNode``, or ``LIFNode`` with ``decay_input=False``; hard reset to 0.

    Raises:
        NotImplementedError: it is another neuron.
        ValueError: ``decay_input`` is true, or ``v_reset`` is not 0.

    Source: ``lava_exchange.to_lava_neuron_param_dict``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    return _lava_blocks.parameters_of(sj_ms_neuron, neuron.IFNode, neuron.LIFNode)


def to_lava_neuron(sj_ms_neuron: nn.Module) -> Any:
    """Return ``slayer.neuron.cuba.Neuron`` with the parameters of ``sj_ms_neuron``.

    Args:
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.

    Raises:
        ModuleNotFoundError: Lava-DL is not installed; the rest as :func:`to_lava_neuron_param_dict`.

    Source: ``lava_exchange.to_lava_neuron``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.slayer("to_lava_neuron").neuron.cuba.Neuron(**parameters)


def linear_to_lava_synapse_dense(fc: nn.Linear) -> Any:
    """Return ``slayer.synapse.Dense`` with a copy of the weights of ``fc``.

    Equation::

        W_lava[o, i, 0, 0, 0] = W[o, i]

    Args:
        fc: ``nn.Linear`` without bias.

    Raises:
        ValueError: it is something else, or has a bias.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.linear_to_lava_synapse_dense``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    _lava_blocks.require_instance(fc, nn.Linear, "linear_to_lava_synapse_dense: fc")
    _lava_blocks.require_no_bias(fc, "linear_to_lava_synapse_dense: fc")
    return _lava_blocks.dense_synapse(fc, "linear_to_lava_synapse_dense")


def conv2d_to_lava_synapse_conv(conv2d_nn: nn.Conv2d) -> Any:
    """Return ``slayer.synapse.Conv`` with the geometry and a copy of the weights of ``conv2d_nn``.

    Equation::

        W_lava[o, i, h, w, 0] = W[o, i, h, w]

    Args:
        conv2d_nn: ``nn.Conv2d`` without bias.

    Raises:
        ValueError: it is something else, or has a bias.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.conv2d_to_lava_synapse_conv``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    _lava_blocks.require_instance(conv2d_nn, nn.Conv2d, "conv2d_to_lava_synapse_conv: conv2d_nn")
    _lava_blocks.require_no_bias(conv2d_nn, "conv2d_to_lava_synapse_conv: conv2d_nn")
    return _lava_blocks.conv_synapse(conv2d_nn, "conv2d_to_lava_synapse_conv")


def to_lava_block_dense(fc: nn.Linear, sj_ms_neuron: nn.Module, quantize_to_8bit: bool = True) -> Any:
    """Return ``slayer.block.cuba.Dense``: a linear layer and the neurons after it.

    Args:
        fc: ``nn.Linear`` without bias.
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.
        quantize_to_8bit: whether Lava-DL quantises the weights as it runs (default True).

    Raises:
        ValueError, NotImplementedError: an argument has no counterpart in Lava-DL.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.to_lava_block_dense``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    check_instance(fc, nn.Linear)
    check_no_bias(fc)
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.dense_block(parameters, fc, quantize_to_8bit, "to_lava_block_dense")


def to_lava_block_conv(conv2d_nn: nn.Conv2d, sj_ms_neuron: nn.Module, quantize_to_8bit: bool = True) -> Any:
    """Return ``slayer.block.cuba.Conv``: a convolution and the neurons after it.

    Args:
        conv2d_nn: ``nn.Conv2d`` without bias.
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.
        quantize_to_8bit: whether Lava-DL quantises the weights as it runs (default True).

    Raises:
        ValueError, NotImplementedError: an argument has no counterpart in Lava-DL.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.to_lava_block_conv``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    check_instance(conv2d_nn, nn.Conv2d)
    check_no_bias(conv2d_nn)
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.conv_block(parameters, conv2d_nn, quantize_to_8bit, "to_lava_block_conv")


def to_lava_block_pool(
    pool2d_nn: nn.AvgPool2d, sj_ms_neuron: nn.Module, quantize_to_8bit: bool = True
) -> Any:
    """Return ``slayer.block.cuba.Pool``: windows that are summed and the neurons after them.

    Args:
        pool2d_nn: ``nn.AvgPool2d``; kernel size, stride and padding are taken over.
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.
        quantize_to_8bit: whether Lava-DL quantises the weights as it runs (default True).

    Raises:
        ValueError, NotImplementedError: an argument has no counterpart in Lava-DL.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.to_lava_block_pool``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    check_instance(pool2d_nn, nn.AvgPool2d)
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.pool_block(parameters, pool2d_nn, quantize_to_8bit, "to_lava_block_pool")


def to_lava_block_flatten(flatten_nn: nn.Flatten) -> Any:
    """Return the block of Lava-DL that flattens all but batch and time.

    Equation::

        y[n, (c, h, w), t] = x[n, c, h, w, t]

    Args:
        flatten_nn: ``nn.Flatten`` from dimension 1 on.

    Raises:
        ValueError: it is something else, or its ``start_dim`` is not 1.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.to_lava_block_flatten``, SpikingJelly 0.0.0.0.14 beside Lava-DL.
    """
    check_instance(flatten_nn, nn.Flatten)
    return _lava_blocks.to_lava_block_flatten(flatten_nn)


_REASON = (
    "it builds a whole network of Lava-DL, whose blocks are not installed where unisnn is tested; "
    "convert layer by layer with the to_lava_block functions"
)

__getattr__ = _absent.serve(
    __name__, {"BlockContainer": _REASON, "SumPool2d": _REASON, "to_lava_blocks": _REASON}
)
