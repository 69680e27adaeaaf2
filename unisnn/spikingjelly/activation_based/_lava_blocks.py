"""Networks as Lava-DL's: time as the last dimension, weights of 8 bits, synapses and blocks.

Lava-DL's tensors are ``[N, *, T]``, those of SpikingJelly ``[T, N, *]``. What builds an object of Lava-DL
imports ``lava.lib.dl.slayer`` when it is called, and nothing before.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.spikingjelly.activation_based import quantize

__all__ = [
    "NXT_to_TNX",
    "TNX_to_NXT",
    "avgpool2d_to_lava_synapse_pool",
    "conv_block",
    "conv_synapse",
    "dense_block",
    "dense_synapse",
    "lava_neuron_forward",
    "parameters_of",
    "pool_block",
    "quantize_8bit",
    "require_instance",
    "require_no_bias",
    "slayer",
    "step_quantize",
    "to_lava_block_flatten",
]

_SLAYER = "lava.lib.dl.slayer"


def slayer(owner: str) -> Any:
    """Import and return Lava-DL's ``slayer`` for the function ``owner``."""
    try:
        return importlib.import_module(_SLAYER)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{_SLAYER}.".startswith(f"{error.name}."):
            raise
        raise ModuleNotFoundError(
            f"{owner} builds an object of Lava-DL, which is not installed: pip install lava-dl",
            name=error.name,
        ) from error


def TNX_to_NXT(x_seq: Tensor) -> Tensor:
    """Move time to the end.

    Equation::

        y[n, ..., t] = x[t, n, ...]

    Args:
        x_seq: a sequence, SpikingJelly's way.

    Shape: ``[T, N, *] -> [N, *, T]``, a view.

    Source: ``lava_exchange.TNX_to_NXT``, SpikingJelly 0.0.0.0.14.
    """
    return x_seq.permute(*range(1, x_seq.dim()), 0)


def NXT_to_TNX(x_seq: Tensor) -> Tensor:
    """Move time to the front.

    Equation::

        y[t, n, ...] = x[n, ..., t]

    Args:
        x_seq: a sequence, Lava-DL's way.

    Shape: ``[N, *, T] -> [T, N, *]``, a view.

    Source: ``lava_exchange.NXT_to_TNX``, SpikingJelly 0.0.0.0.14.
    """
    last = x_seq.dim() - 1
    return x_seq.permute(last, *range(last))


def lava_neuron_forward(lava_neuron: nn.Module, x_seq: Tensor, v: Tensor | float) -> tuple[Tensor, Tensor]:
    """Run a neuron of Lava-DL on a sequence of SpikingJelly's.

    Equation::

        s, v' = lava_neuron(x) from the voltage v          time last on the way in, first on the way out

    Args:
        lava_neuron: takes ``[N, X, T]`` and keeps its membrane potential in ``voltage_state``.
        x_seq: the input, ``[T, N, *]`` or ``[T, N]``.
        v: the membrane potential before, of the shape of one step, or one number for all.

    Shape: the spikes as ``x_seq``; the membrane potential as one step, ``[1, N]`` for ``[T, N]``.

    Raises:
        IndexError: ``x_seq`` has fewer than two dimensions.

    Source: ``lava_exchange.lava_neuron_forward``, SpikingJelly 0.0.0.0.14 (there more than three dimensions
        do not match the membrane potential).
    """
    steps = x_seq.unsqueeze(1) if x_seq.dim() == 2 else x_seq
    flat = steps.flatten(2)
    start = v.expand(x_seq.shape[1:]) if isinstance(v, Tensor) else torch.full_like(steps[0], v)
    state: Any = lava_neuron
    state.voltage_state = start.reshape(flat.shape[1:])
    spikes = lava_neuron(TNX_to_NXT(flat))
    return NXT_to_TNX(spikes).reshape(x_seq.shape), state.voltage_state.reshape(steps.shape[1:])


def step_quantize(x: Tensor, step: float = 1.0) -> Tensor:
    """Round to the nearest multiple of ``step``, with the gradient of the identity.

    Equation::

        y = round(x/step)*step;  dL/dx = dL/dy

    Args:
        x: any tensor.
        step: the distance of two values (default 1.0).

    Shape: that of ``x``.

    Source: ``lava_exchange.step_quantize``, SpikingJelly 0.0.0.0.14.
    """
    return quantize.step_quantize(x, step)


def quantize_8bit(x: Tensor, scale: float, descale: bool = False) -> Tensor:
    """Round to the 256 even multiples of ``1/scale`` that Loihi's weights have.

    Equation::

        y = clamp(step_quantize(x, 2/scale), -256/scale, 255/scale)
        y = y*scale                                        descale

    The gradient is 1 where nothing is cut off, 0 elsewhere.

    Args:
        x: weights.
        scale: how many steps make 1.
        descale: whether the steps are counted instead (default False).

    Shape: that of ``x``.

    Raises:
        ZeroDivisionError: ``scale`` is 0.

    Source: ``lava_exchange.quantize_8bit``, SpikingJelly 0.0.0.0.14.
    """
    y = torch.clamp(step_quantize(x, 2 / scale), -256 / scale, 255 / scale)
    return y * scale if descale else y


def require_instance(value: object, wanted: type, name: str) -> None:
    """Raise ``ValueError`` unless ``value`` is a ``wanted``."""
    if not isinstance(value, wanted):
        raise ValueError(
            f"{name}={value!r} is not accepted; expected a {wanted.__module__}.{wanted.__qualname__}"
        )


def require_no_bias(module: nn.Module, name: str) -> None:
    """Raise ``ValueError`` if ``module`` has a bias, which Lava-DL's synapses have not."""
    if module.bias is not None:
        raise ValueError(
            f"{name}={module!r} is not accepted; expected bias=False: Lava-DL's synapses have none"
        )


def parameters_of(neuron: Any, integrate: type, leaky: type) -> dict[str, Any]:
    """Return the parameters of Lava-DL's CUBA neuron that behaves as an IF or LIF neuron.

    Args:
        neuron: SpikingJelly's.
        integrate, leaky: the classes whose charge equations are known.
    """
    owner = "to_lava_neuron_param_dict"
    integrates, leaks = isinstance(neuron, integrate), isinstance(neuron, leaky)
    if integrates:
        decay = 0.0
    elif leaks:
        if neuron.decay_input:
            raise ValueError(f"{owner}: decay_input=True is not accepted; expected False")
        decay = 1.0 / neuron.tau
    else:
        accepted = f"{integrate.__qualname__} or {leaky.__qualname__}"
        raise NotImplementedError(f"{owner}: {neuron!r} is not accepted; expected {accepted}")
    if neuron.v_reset != 0.0:
        raise ValueError(f"{owner}: v_reset={neuron.v_reset!r} is not accepted; expected 0.0")
    return {
        "threshold": neuron.v_threshold,
        "current_decay": 1.0,
        "voltage_decay": decay,
        "tau_grad": 1,
        "scale_grad": 1,
        "scale": neuron.lava_s_cale,
        "norm": None,
        "dropout": None,
        "shared_param": True,
        "persistent_state": True,
        "requires_grad": False,
        "graded_spike": False,
    }


def _geometry(conv: nn.Conv2d) -> dict[str, Any]:
    return {
        "in_features": conv.in_channels,
        "out_features": conv.out_channels,
        "kernel_size": conv.kernel_size,
        "stride": conv.stride,
        "padding": conv.padding,
        "dilation": conv.dilation,
        "groups": conv.groups,
    }


def _options(quantized: bool) -> dict[str, Any]:
    """Return a block's options: Lava-DL quantises the weights unless it is told to do nothing to them."""
    return {"delay_shift": False} if quantized else {"delay_shift": False, "pre_hook_fx": None}


def dense_synapse(fc: nn.Linear, owner: str) -> Any:
    """Return ``slayer.synapse.Dense`` with the weights of ``fc``."""
    synapse = slayer(owner).synapse.Dense(fc.in_features, fc.out_features)
    synapse.weight.data[:, :, 0, 0, 0] = fc.weight.data.clone()
    return synapse


def conv_synapse(conv: nn.Conv2d, owner: str) -> Any:
    """Return ``slayer.synapse.Conv`` with the weights of ``conv``."""
    synapse = slayer(owner).synapse.Conv(**_geometry(conv))
    synapse.weight.data[:, :, :, :, 0] = conv.weight.data.clone()
    return synapse


def avgpool2d_to_lava_synapse_pool(pool2d_nn: nn.AvgPool2d) -> Any:
    """Return the pooling synapse of Lava-DL with the windows of an average pooling.

    Equation::

        y = sum over the window                            where nn.AvgPool2d has the mean

    The logger ``unisnn`` warns of that factor.

    Args:
        pool2d_nn: the pooling layer; kernel size, stride and padding are taken over.

    Raises:
        ValueError: it is no ``nn.AvgPool2d``.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.avgpool2d_to_lava_synapse_pool``, SpikingJelly 0.0.0.0.14.
    """
    owner = "avgpool2d_to_lava_synapse_pool"
    require_instance(pool2d_nn, nn.AvgPool2d, f"{owner}: pool2d_nn")
    logging.getLogger("unisnn").warning("%s: Lava-DL's pooling sums, where nn.AvgPool2d averages", owner)
    return slayer(owner).synapse.Pool(pool2d_nn.kernel_size, pool2d_nn.stride, pool2d_nn.padding)


def dense_block(parameters: dict[str, Any], fc: nn.Linear, quantized: bool, owner: str) -> Any:
    """Return ``slayer.block.cuba.Dense`` with the weights of ``fc``."""
    block = slayer(owner).block.cuba.Dense(parameters, fc.in_features, fc.out_features, **_options(quantized))
    block.synapse.weight.data[:, :, 0, 0, 0] = fc.weight.data.clone()
    return block


def conv_block(parameters: dict[str, Any], conv: nn.Conv2d, quantized: bool, owner: str) -> Any:
    """Return ``slayer.block.cuba.Conv`` with the weights of ``conv``."""
    block = slayer(owner).block.cuba.Conv(parameters, **_geometry(conv), **_options(quantized))
    block.synapse.weight.data[:, :, :, :, 0] = conv.weight.data.clone()
    return block


def pool_block(parameters: dict[str, Any], pool: nn.AvgPool2d, quantized: bool, owner: str) -> Any:
    """Return ``slayer.block.cuba.Pool`` with the windows of ``pool``."""
    sizes = (pool.kernel_size, pool.stride, pool.padding)
    return slayer(owner).block.cuba.Pool(parameters, *sizes, **_options(quantized))


def to_lava_block_flatten(flatten_nn: nn.Flatten) -> Any:
    """Return the block of Lava-DL that flattens all but batch and time.

    Equation::

        y[n, (c, h, w), t] = x[n, c, h, w, t]

    Args:
        flatten_nn: ``nn.Flatten`` from dimension 1 on.

    Raises:
        ValueError: its ``start_dim`` is not 1.
        AttributeError: it has none.
        ModuleNotFoundError: Lava-DL is not installed.

    Source: ``lava_exchange.to_lava_block_flatten``, SpikingJelly 0.0.0.0.14.
    """
    owner = "to_lava_block_flatten"
    if flatten_nn.start_dim != 1:
        raise ValueError(f"{owner}: start_dim={flatten_nn.start_dim!r} is not accepted; expected 1")
    return slayer(owner).block.cuba.Flatten()
