"""Exchange with Lava-DL: IF and LIF neurons, and the layers before them, as its synapses and blocks.

A neuron of Lava-DL is the CUBA neuron, current and voltage of which decay::

    i[t] = (1 - current_decay)*i[t-1] + x[t]
    v[t] = (1 - voltage_decay)*v[t-1] + i[t]               s[t] = v[t] >= threshold, v[t] = 0 after a spike

so that ``current_decay = 1`` and ``voltage_decay = 0`` or ``1/tau`` make it an IF or a LIF neuron. The
functions that build an object of Lava-DL need it (``pip install lava-dl``) when they are called.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from unisnn.spikingjelly.activation_based import _lava_blocks
from unisnn.spikingjelly.activation_based._lava_blocks import (
    NXT_to_TNX,
    TNX_to_NXT,
    avgpool2d_to_lava_synapse_pool,
    lava_neuron_forward,
    quantize_8bit,
    step_quantize,
    to_lava_block_flatten,
)
from unisnn.spikingjelly.clock_driven import neuron

__all__ = [
    "NXT_to_TNX",
    "TNX_to_NXT",
    "avgpool2d_to_lava_synapse_pool",
    "check_conv2d",
    "check_fc",
    "conv2d_to_lava_synapse_conv",
    "lava_neuron_forward",
    "linear_to_lava_synapse_dense",
    "quantize_8bit",
    "step_quantize",
    "to_lava_block_conv",
    "to_lava_block_dense",
    "to_lava_block_flatten",
    "to_lava_neuron",
    "to_lava_neuron_param_dict",
]


def check_conv2d(conv2d_nn: nn.Conv2d) -> None:
    """Accept a convolution that Lava-DL has a synapse for.

    Args:
        conv2d_nn: ``nn.Conv2d`` without bias.

    Raises:
        ValueError: it is something else, or has a bias.

    Source: ``clock_driven.lava_exchange.check_conv2d``, SpikingJelly 0.0.0.0.14.
    """
    _lava_blocks.require_instance(conv2d_nn, nn.Conv2d, "check_conv2d: conv2d_nn")
    _lava_blocks.require_no_bias(conv2d_nn, "check_conv2d: conv2d_nn")


def check_fc(fc: nn.Linear) -> None:
    """Accept a linear layer that Lava-DL has a synapse for.

    Args:
        fc: ``nn.Linear`` without bias.

    Raises:
        ValueError: it is something else, or has a bias.

    Source: ``clock_driven.lava_exchange.check_fc``, SpikingJelly 0.0.0.0.14.
    """
    _lava_blocks.require_instance(fc, nn.Linear, "check_fc: fc")
    _lava_blocks.require_no_bias(fc, "check_fc: fc")


def to_lava_neuron_param_dict(sj_ms_neuron: nn.Module) -> dict[str, Any]:
    """Return the parameters of the CUBA neuron that behaves as ``sj_ms_neuron``.

    Equation::

        current_decay = 1;  voltage_decay = 0 for MultiStepIFNode, 1/tau for MultiStepLIFNode

    Args:
        sj_ms_neuron: ``MultiStepIFNode``, or ``MultiStepLIFNode`` with ``decay_input=False``; hard reset to
            0. ``scale`` is its ``lava_s_cale``.

    Raises:
        NotImplementedError: it is another neuron.
        ValueError: ``decay_input`` is true, or ``v_reset`` is not 0.

    Source: ``clock_driven.lava_exchange.to_lava_neuron_param_dict``, SpikingJelly 0.0.0.0.14.
    """
    return _lava_blocks.parameters_of(sj_ms_neuron, neuron.MultiStepIFNode, neuron.MultiStepLIFNode)


def to_lava_neuron(sj_ms_neuron: nn.Module) -> Any:
    """Return ``slayer.neuron.cuba.Neuron`` with the parameters of ``sj_ms_neuron``.

    Args:
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.

    Raises:
        ModuleNotFoundError: Lava-DL is not installed; the rest as :func:`to_lava_neuron_param_dict`.

    Source: ``clock_driven.lava_exchange.to_lava_neuron``, SpikingJelly 0.0.0.0.14.
    """
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.slayer("to_lava_neuron").neuron.cuba.Neuron(**parameters)


def linear_to_lava_synapse_dense(fc: nn.Linear) -> Any:
    """Return ``slayer.synapse.Dense`` with a copy of the weights of ``fc``.

    Equation::

        W_lava[o, i, 0, 0, 0] = W[o, i]

    Args:
        fc: a linear layer without bias.

    Raises:
        ValueError: as :func:`check_fc`.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``clock_driven.lava_exchange.linear_to_lava_synapse_dense``, SpikingJelly 0.0.0.0.14.
    """
    check_fc(fc)
    return _lava_blocks.dense_synapse(fc, "linear_to_lava_synapse_dense")


def conv2d_to_lava_synapse_conv(conv2d_nn: nn.Conv2d) -> Any:
    """Return ``slayer.synapse.Conv`` with the geometry and a copy of the weights of ``conv2d_nn``.

    Equation::

        W_lava[o, i, h, w, 0] = W[o, i, h, w]

    Args:
        conv2d_nn: a convolution without bias.

    Raises:
        ValueError: as :func:`check_conv2d`.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``clock_driven.lava_exchange.conv2d_to_lava_synapse_conv``, SpikingJelly 0.0.0.0.14.
    """
    check_conv2d(conv2d_nn)
    return _lava_blocks.conv_synapse(conv2d_nn, "conv2d_to_lava_synapse_conv")


def to_lava_block_dense(fc: nn.Linear, sj_ms_neuron: nn.Module, quantize_to_8bit: bool = True) -> Any:
    """Return ``slayer.block.cuba.Dense``: a linear layer and the neurons after it.

    Equation::

        s = neuron(W x)                                    W quantised to 8 bits by Lava-DL, or as it is

    Args:
        fc: a linear layer without bias.
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.
        quantize_to_8bit: whether Lava-DL quantises the weights as it runs (default True).

    Raises:
        ValueError, NotImplementedError: as :func:`check_fc` and :func:`to_lava_neuron_param_dict`.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``clock_driven.lava_exchange.to_lava_block_dense``, SpikingJelly 0.0.0.0.14.
    """
    check_fc(fc)
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.dense_block(parameters, fc, quantize_to_8bit, "to_lava_block_dense")


def to_lava_block_conv(conv2d_nn: nn.Conv2d, sj_ms_neuron: nn.Module, quantize_to_8bit: bool = True) -> Any:
    """Return ``slayer.block.cuba.Conv``: a convolution and the neurons after it.

    Equation::

        s = neuron(W * x)                                  W quantised to 8 bits by Lava-DL, or as it is

    Args:
        conv2d_nn: a convolution without bias.
        sj_ms_neuron: as :func:`to_lava_neuron_param_dict` takes it.
        quantize_to_8bit: whether Lava-DL quantises the weights as it runs (default True).

    Raises:
        ValueError, NotImplementedError: as :func:`check_conv2d` and :func:`to_lava_neuron_param_dict`.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``clock_driven.lava_exchange.to_lava_block_conv``, SpikingJelly 0.0.0.0.14.
    """
    check_conv2d(conv2d_nn)
    parameters = to_lava_neuron_param_dict(sj_ms_neuron)
    return _lava_blocks.conv_block(parameters, conv2d_nn, quantize_to_8bit, "to_lava_block_conv")
