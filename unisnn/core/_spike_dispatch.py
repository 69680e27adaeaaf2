"""How every torch operation treats a SpikeTensor: keep the payload, join payloads, cast, or densify.

Four rules, the first that applies wins::

    payload   f(S(b)) = S(f(b))            views, indexing, copies, complement
    join      f(S(a), S(b)) = S(f(a, b))   cat, stack, where, and, or, xor of spikes of one dtype
    cast      S(b) to another dtype = b cast to it, a plain tensor
    dense     f(S(b), ...) = f(float(b), ...), a plain tensor

``b`` is the boolean payload. The last rule is the default, so an operation that this module has
never heard of gives the number that the float tensor gives. An operation that would write into
spikes is refused, because a boolean payload cannot hold what arithmetic writes.

A payload that is kept as bits is unpacked for each rule, and its spikes' spikes are kept as bits; a view
that covers the same memory shares the bits.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from unisnn.core import bits as _bits

__all__ = ["dispatch"]

_aten = torch.ops.aten


def _overloads(*names: str) -> frozenset[Any]:
    """Return the functional overloads of the named ATen operations that this torch has."""
    packets = [getattr(_aten, name) for name in names if hasattr(_aten, name)]
    functions = {getattr(packet, overload) for packet in packets for overload in packet.overloads()}
    return frozenset(f for f in functions if f._overloadname not in ("dtype", "out"))


_PAYLOAD = _overloads(
    "_pin_memory",
    "_reshape_alias",
    "_unsafe_view",
    "alias",
    "as_strided",
    "bitwise_not",
    "clone",
    "detach",
    "diagonal",
    "expand",
    "flip",
    "gather",
    "index",
    "index_select",
    "is_pinned",
    "lift_fresh",
    "logical_not",
    "masked_select",
    "permute",
    "record_stream",
    "repeat",
    "roll",
    "rot90",
    "select",
    "slice",
    "split",
    "split_with_sizes",
    "squeeze",
    "t",
    "take",
    "transpose",
    "tril",
    "triu",
    "unbind",
    "unfold",
    "unsafe_chunk",
    "unsafe_split",
    "unsafe_split_with_sizes",
    "unsqueeze",
    "view",
)
_JOIN_LISTS = _overloads("cat", "stack")
_BITWISE = _overloads("bitwise_and", "bitwise_or", "bitwise_xor", "__and__", "__or__", "__xor__")
_JOIN_PAIRS = _BITWISE | _overloads("logical_and", "logical_or", "logical_xor")


@cache
def _written(func: Any) -> tuple[tuple[int, str], ...]:
    """Return position and name of each argument that ``func`` writes into."""
    arguments = enumerate(func._schema.arguments)
    return tuple((i, a.name) for i, a in arguments if a.alias_info is not None and a.alias_info.is_write)


def dispatch(spikes: Any, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run ``func`` on arguments of which at least one is a SpikeTensor.

    Args:
        spikes: the class of spike tensors, called as ``spikes(payload, dtype, bits)``.
        func: an ATen overload.
        args: its positional arguments.
        kwargs: its keyword arguments.

    Raises:
        TypeError: ``func`` would write into a SpikeTensor (``copy_`` from spikes or booleans is fine).

    Source:
        What ``snngrow.base.spiketensor.SpikeTensor`` (git edition) is meant to do.
    """
    for position, name in _written(func):
        target = args[position] if position < len(args) else kwargs.get(name)
        if isinstance(target, spikes):
            return _write(spikes, func, target, args)
    first = args[0] if args else None
    if isinstance(first, spikes):
        if func in _PAYLOAD:
            shared = _same_memory(spikes, func, args, kwargs) if first.bits else None
            if shared is not None:
                return shared
            result = func(first.elem, *_dense(spikes, args[1:]), **_dense(spikes, kwargs))
            return pytree.tree_map_only(
                Tensor, lambda payload: spikes(payload, first.dtype, first.bits), result
            )
        if func is _aten._to_copy.default:
            return _cast(spikes, func, first, kwargs)
        if func is _aten.zeros_like.default and _keeps_zeros(first, kwargs):
            return spikes(func(first.elem, **{**kwargs, "dtype": None}), first.dtype, first.bits)
    joined = _joined(spikes, func, args)
    if joined is not None:
        return joined
    return func(*_dense(spikes, args), **_dense(spikes, kwargs))


def _dense(spikes: Any, tree: Any) -> Any:
    return pytree.tree_map_only(spikes, lambda s: s.stored_as(s.dtype), tree)


def _payload(spikes: Any, tree: Any) -> Any:
    return pytree.tree_map_only(spikes, lambda s: s.elem, tree)


def _cast(spikes: Any, func: Any, x: Any, kwargs: dict[str, Any]) -> Any:
    if kwargs.get("dtype") in (None, x.dtype):
        return spikes(func(x.elem, **{**kwargs, "dtype": None}), x.dtype, x.bits)
    return func(x.elem, **kwargs)


def _keeps_zeros(x: Any, kwargs: dict[str, Any]) -> bool:
    # A gradient formula that asks for zeros fills them afterwards: it needs a plain tensor.
    in_backward = torch._C._current_graph_task_id() != -1
    return not in_backward and kwargs.get("dtype") in (None, x.dtype)


def _joined(spikes: Any, func: Any, args: tuple[Any, ...]) -> Any:
    if func in _JOIN_LISTS:
        members = list(args[0])
        dtype = _common(spikes, members)
        if dtype is None:
            return None
        return spikes(func([s.elem for s in members], *args[1:]), dtype, _all_bits(members))
    if func is _aten.where.self:
        condition = _payload(spikes, args[0])
        dtype = _common(spikes, args[1:])
        if dtype is None:
            return func(condition, *_dense(spikes, args[1:]))
        return spikes(func(condition, *_payload(spikes, args[1:])), dtype, _all_bits(args[1:]))
    if func in _JOIN_PAIRS:
        dtype = _common(spikes, args)
        if dtype is not None:
            return spikes(func(*_payload(spikes, args)), dtype, _all_bits(args))
        if func in _BITWISE:
            return func(*_payload(spikes, args))
    return None


def _all_bits(members: Any) -> bool:
    return all(member.bits for member in members)


def _same_memory(spikes: Any, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the view of spikes kept as bits that shares them; None where it does not cover them all."""
    first = args[0]
    if not any(a.alias_info is not None for a in func._schema.arguments):
        return None
    data, size, stride = first.payload
    view = func(torch.empty_strided(size, stride, dtype=torch.bool, device="meta"), *args[1:], **kwargs)
    if not isinstance(view, Tensor) or view.storage_offset() != 0:
        return None
    if _bits.span(view.shape, view.stride()) != _bits.span(size, stride):
        return None
    return spikes.wrap(_bits.Packed(data, tuple(view.shape), view.stride()), first.dtype)


def _common(spikes: Any, members: Any) -> torch.dtype | None:
    """Return the one public dtype of ``members``, or None where one is no SpikeTensor or dtypes differ."""
    if not members or not all(isinstance(member, spikes) for member in members):
        return None
    dtypes = {member.dtype for member in members}
    return dtypes.pop() if len(dtypes) == 1 else None


def _write(spikes: Any, func: Any, target: Any, args: tuple[Any, ...]) -> Any:
    source: Any = args[1] if len(args) > 1 else None
    if func is _aten.detach_.default:
        return target
    boolean = isinstance(source, spikes) or (isinstance(source, Tensor) and source.dtype == torch.bool)
    if func is _aten.copy_.default and boolean and not target.bits:
        target.elem.copy_(_payload(spikes, source))
        return target
    payload = "bits" if target.bits else "boolean"
    raise TypeError(
        f"SpikeTensor: {func} would write into spikes, whose payload is {payload}; "
        "compute out of place, or write into .to_dense()"
    )
