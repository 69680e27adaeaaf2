"""SpikeTensor: one byte a spike inside, or one bit, a float tensor outside.

A spike tensor holds a boolean payload and shows a floating dtype::

    elem[i]  = True or False               stored, a byte each; with ``bits`` a bit each
    value[i] = 1.0 if elem[i] else 0.0     seen by every operation

Operations that only move or copy elements keep the payload; everything else computes with the
float values and returns a plain tensor. Gradients treat a spike tensor as the float tensor it
stands for, so they flow through it and through :func:`from_dense` and :func:`to_dense` unchanged.
A spike tensor is immutable: ``s += x`` rebinds ``s`` to the dense sum, ``s.add_(x)`` is refused.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data._utils import collate

from unisnn.core import bits as _bits
from unisnn.core import check
from unisnn.core._spike_dispatch import dispatch as _dispatch

__all__ = ["SpikeTensor", "add_safe_globals", "from_dense", "rebuild", "to_dense"]


class SpikeTensor(Tensor):
    """A tensor of spikes: boolean payload ``elem``, public floating dtype.

    Equation::

        value[i] = 1.0 if elem[i] else 0.0

    Views, indexing, copies, ``cat``, ``stack`` and ``where`` of spikes, ``logical_not``, ``~``, ``&``,
    ``|``, ``^`` of spikes and ``zeros_like`` give a SpikeTensor. Arithmetic, reductions, comparisons,
    matrix products, convolution, pooling, normalisation and activations give plain tensors with the
    numbers of the float tensor. A cast to another dtype gives a plain tensor of it. Nothing is ever
    thresholded again. Spikes made from spikes that are kept as bits are kept as bits.

    Args:
        elem: the payload, any shape, dtype ``torch.bool``; it is shared, not copied, unless ``bits``.
        dtype: the floating dtype that the tensor shows and computes in, ``torch.float32`` by default.
        bits: whether a spike takes one bit, unpacked when it is used, instead of one byte (default).

    Raises:
        AssertionError: ``elem`` is not a boolean tensor, or ``dtype`` is not a floating dtype.
        TypeError: an operation would write into the spikes.

    Source:
        ``snngrow.base.spiketensor.SpikeTensor``, git edition, as it is meant.
    """

    payload: Tensor | _bits.Packed

    @staticmethod
    def __new__(cls, elem: Tensor, dtype: torch.dtype = torch.float32, bits: bool = False) -> SpikeTensor:
        """Wrap ``elem`` without copying it, or its bits."""
        boolean = isinstance(elem, Tensor) and elem.dtype == torch.bool
        shown = elem.dtype if isinstance(elem, Tensor) else elem
        check.require(boolean, "SpikeTensor", "elem", shown, "a tensor of dtype torch.bool")
        floating = isinstance(dtype, torch.dtype) and dtype.is_floating_point
        check.require(floating, "SpikeTensor", "dtype", dtype, "a floating dtype")
        return cls.wrap(_bits.pack_strided(elem) if bits else elem, dtype)

    def __init__(self, elem: Tensor, dtype: torch.dtype = torch.float32, bits: bool = False) -> None:
        """Take the arguments of ``__new__``, which does the work."""

    @classmethod
    def wrap(cls, payload: Tensor | _bits.Packed, dtype: torch.dtype) -> SpikeTensor:
        """Return the spikes of a payload: booleans, or bits with the size and strides they stand for."""
        stored: Any = payload.data if isinstance(payload, _bits.Packed) else payload
        packed = stored is not payload
        self = Tensor._make_wrapper_subclass(
            cls,
            payload.size if packed else stored.shape,  # type: ignore[arg-type]
            strides=payload.stride if packed else stored.stride(),  # type: ignore[arg-type]
            storage_offset=0 if packed else stored.storage_offset(),
            dtype=dtype,
            layout=stored.layout,
            device=stored.device,
        )
        self.payload = payload
        return self

    @property
    def bits(self) -> bool:
        """Whether a spike takes one bit instead of one byte."""
        return isinstance(self.payload, _bits.Packed)

    @property
    def elem(self) -> Tensor:
        """The booleans; unpacked anew each time from spikes that are kept as bits."""
        return self.stored_as(torch.bool)

    @property
    def packed(self) -> Tensor:
        """The bytes of spikes that are kept as bits, eight spikes each: :func:`unisnn.core.bits.pack`."""
        return self.payload.data

    def stored_as(self, dtype: torch.dtype) -> Tensor:
        """Return the spikes in a dtype, outside of any graph; the booleans as they are stored."""
        if isinstance(self.payload, _bits.Packed):
            return _bits.unpack_strided(self.payload, dtype)
        return self.payload.to(dtype)

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run one ATen operation by the rules of the module's first lines."""
        return _dispatch(SpikeTensor, func, args, kwargs or {})

    @staticmethod
    def from_dense(x: Tensor, dtype: torch.dtype | None = None, bits: bool | None = None) -> SpikeTensor:
        """Return the spikes of ``x``; see :func:`from_dense`."""
        return from_dense(x, dtype, bits)

    def to_dense(self, dtype: torch.dtype | None = None, *, masked_grad: bool | None = None) -> Tensor:
        """Return the plain float tensor, in the graph; see :func:`to_dense`.

        ``masked_grad`` is torch's argument for sparse tensors and changes nothing here.
        """
        return to_dense(self, dtype)

    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """Move as torch does; naming a dtype, even the one shown, gives a plain tensor of it."""
        moved = super().to(*args, **kwargs)
        named = any(isinstance(value, (torch.dtype, Tensor)) for value in (*args, *kwargs.values()))
        return to_dense(moved) if named else moved

    def float(self, memory_format: torch.memory_format = torch.preserve_format) -> Tensor:
        """Return the plain float32 tensor."""
        return self.to(torch.float32, memory_format=memory_format)

    def double(self, memory_format: torch.memory_format = torch.preserve_format) -> Tensor:
        """Return the plain float64 tensor."""
        return self.to(torch.float64, memory_format=memory_format)

    def half(self, memory_format: torch.memory_format = torch.preserve_format) -> Tensor:
        """Return the plain float16 tensor."""
        return self.to(torch.float16, memory_format=memory_format)

    def bfloat16(self, memory_format: torch.memory_format = torch.preserve_format) -> Tensor:
        """Return the plain bfloat16 tensor."""
        return self.to(torch.bfloat16, memory_format=memory_format)

    def type_as(self, other: Tensor) -> Tensor:
        """Return the plain tensor of the dtype and on the device of ``other``."""
        return self.to(other)

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """Return the float values as an array; torch's rules for tensors that require a gradient hold."""
        return to_dense(self).numpy(force=force)

    def tolist(self) -> Any:
        """Return the float values as nested lists, or as a float for a 0-dim tensor."""
        return self.stored_as(self.dtype).tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Return the float values for ``numpy.asarray``."""
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __invert__(self) -> Tensor:
        """Return the complement: a SpikeTensor that spikes where this one is silent."""
        return torch.logical_not(self)

    # Augmented assignment rebinds the name to the dense result, as Python does for other immutable types.
    __iadd__ = Tensor.__add__
    __isub__ = Tensor.__sub__
    __imul__ = Tensor.__mul__  # type: ignore[assignment]
    __itruediv__ = Tensor.__truediv__
    __ifloordiv__ = Tensor.__floordiv__  # type: ignore[assignment]
    __imod__ = Tensor.__mod__
    __ipow__ = Tensor.__pow__  # type: ignore[assignment]
    __iand__ = Tensor.__and__
    __ior__ = Tensor.__or__
    __ixor__ = Tensor.__xor__

    def __deepcopy__(self, memo: dict[int, Any]) -> SpikeTensor:
        """Copy payload, dtype and gradient of a leaf; torch refuses it for other tensors too."""
        if id(self) in memo:
            return memo[id(self)]
        if not self.is_leaf:
            raise RuntimeError(
                "SpikeTensor: only a graph leaf can be deep-copied; copy .detach(), "
                "or reset or detach the neuron that keeps this tensor"
            )
        new = SpikeTensor.wrap(copy.deepcopy(self.payload, memo), self.dtype)
        new.requires_grad_(self.requires_grad)
        if self.grad is not None:
            new.grad = copy.deepcopy(self.grad, memo)
        memo[id(self)] = new
        return new

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle as payload, dtype and ``requires_grad``; bits with their size and strides."""
        if isinstance(self.payload, _bits.Packed):
            data, size, stride = self.payload
            return rebuild, (data, self.dtype, self.requires_grad, size, stride)
        return rebuild, (self.payload, self.dtype, self.requires_grad)

    def __tensor_flatten__(self) -> tuple[list[str], torch.dtype]:
        """Name the inner tensor, for ``torch.compile``."""
        return ["packed" if self.bits else "elem"], self.dtype

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, Tensor], dtype: Any, size: Any, stride: Any) -> SpikeTensor:
        """Build the tensor again from its inner tensor, for ``torch.compile``."""
        if "packed" in inner:
            return SpikeTensor.wrap(_bits.Packed(inner["packed"], tuple(size), tuple(stride)), dtype)
        return SpikeTensor(inner["elem"], dtype)

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]
        """Show the float values as torch shows a tensor, under this class's name."""
        text = repr(self.stored_as(self.dtype)).replace("tensor(", "SpikeTensor(", 1).replace("\n", "\n     ")
        if self.grad_fn is not None:
            return f"{text[:-1]}, grad_fn=<{type(self.grad_fn).__name__}>)"
        return f"{text[:-1]}, requires_grad=True)" if self.requires_grad else text


class _FromDense(torch.autograd.Function):
    """Forward: the spikes of x. Backward: the incoming gradient, unchanged."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, dtype: torch.dtype, bits: bool) -> SpikeTensor:
        return SpikeTensor(x.elem if isinstance(x, SpikeTensor) else x != 0, dtype, bits)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, None, None]:
        return to_dense(grad_output), None, None


class _ToDense(torch.autograd.Function):
    """Forward: the float values of spikes. Backward: the incoming gradient, unchanged."""

    @staticmethod
    def forward(ctx: Any, x: SpikeTensor, dtype: torch.dtype) -> Tensor:
        return x.stored_as(dtype)

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> tuple[Tensor, None]:
        return to_dense(grad_output), None


def from_dense(x: Tensor, dtype: torch.dtype | None = None, bits: bool | None = None) -> SpikeTensor:
    """Return the SpikeTensor of ``x``: every value but zero is a spike.

    Equation::

        elem = (x != 0)                    dL/dx = dL/dspikes

    Args:
        x: any shape, any dtype; booleans are taken as they are (without a copy), NaN counts as a spike.
        dtype: the floating dtype to show; None takes the dtype of ``x``, or float32 if it is not floating.
        bits: whether a spike takes one bit instead of one byte; None keeps what a SpikeTensor has, and is
            False for others.

    Raises:
        AssertionError: ``dtype`` is not a floating dtype.

    Source:
        ``snngrow.base.spiketensor.from_dense``, git edition; that one tests ``x >= 0``, which turns
        every zero into a spike, and is departed from on purpose.
    """
    shown = dtype or (x.dtype if x.dtype.is_floating_point else torch.float32)
    if isinstance(x, SpikeTensor):
        bits = x.bits if bits is None else bits
        return x if (x.dtype, x.bits) == (shown, bits) else _FromDense.apply(x, shown, bits)
    bits = bool(bits)
    return SpikeTensor(x, shown, bits) if x.dtype == torch.bool else _FromDense.apply(x, shown, bits)


def to_dense(x: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """Return the plain tensor of ``x``; a tensor that is plain already is returned as it is.

    Equation::

        value = 1.0 if elem else 0.0       dL/dspikes = dL/dvalue

    Args:
        x: a SpikeTensor of any shape, or a plain tensor.
        dtype: the dtype of the result; None keeps the public dtype of ``x``.

    Source:
        ``snngrow.base.spiketensor.to_dense``, git edition; that one loses the graph, this one keeps it.
    """
    if isinstance(x, SpikeTensor):
        return _ToDense.apply(x, dtype or x.dtype)
    return x if dtype is None else x.to(dtype)


def rebuild(
    payload: Tensor,
    dtype: torch.dtype,
    requires_grad: bool,
    size: tuple[int, ...] | None = None,
    stride: tuple[int, ...] = (),
) -> SpikeTensor:
    """Return the SpikeTensor that a pickle describes: payload, public dtype, ``requires_grad``.

    ``size`` and ``stride`` come with bits only.

    Raises:
        ValueError: there are fewer bits than elements.
    """
    if size is None:
        spikes = SpikeTensor(payload, dtype)
    else:
        spikes = SpikeTensor.wrap(_bits.Packed(payload, tuple(size), tuple(stride)), dtype)
        _bits.unpack(payload[:0] if 0 in size else payload, torch.bool, (_bits.span(size, stride),))
    return spikes.requires_grad_(requires_grad)  # type: ignore[return-value]


def add_safe_globals() -> None:
    """Let ``torch.load(..., weights_only=True)`` read spike tensors, in this process, from now on."""
    torch.serialization.add_safe_globals([rebuild])


def _collate(batch: Any, *, collate_fn_map: Any = None) -> Tensor:
    return torch.stack(tuple(batch))


# torch's own rule for batches writes into shared memory inside a worker process, which spikes refuse.
collate.default_collate_fn_map[SpikeTensor] = _collate
