"""BrainCog's time layouts: how ``step`` time steps lie in one tensor, and the way there and back.

::

    folded      [T*B, C, (W, H)]     row  t*B + b,  time outermost        ``layer_by_layer``
    grouped     [B, C*T, (W, H)]     column c*T + t, time innermost       ``n_groups != 1``
    time-first  [T, B, C, (W, H)]    what the node iterates over

Only views and one copy: no number is touched. dtypes are kept.
"""

from __future__ import annotations

from torch import Tensor

__all__ = ["from_folded", "from_grouped", "to_folded", "to_grouped"]


def from_folded(x: Tensor, step: int, owner: str) -> Tensor:
    """Return ``[T*B, C, (W, H)]`` as ``[T, B, C, (W, H)]``."""
    _require_one_tensor(x, owner)
    batch = _divided(x.shape[0], 0, step, owner)
    return x.reshape(step, batch, *x.shape[1:])


def to_folded(x: Tensor, owner: str) -> Tensor:
    """Return ``[T, B, C, (W, H)]`` as ``[T*B, C, (W, H)]``."""
    _require_time_first(x, owner)
    return x.flatten(0, 1)


def from_grouped(x: Tensor, step: int, owner: str) -> Tensor:
    """Return ``[B, C*T, (W, H)]`` as ``[T, B, C, (W, H)]``."""
    _require_one_tensor(x, owner)
    channels = _divided(x.shape[1], 1, step, owner)
    return x.reshape(x.shape[0], channels, step, *x.shape[2:]).movedim(2, 0)


def to_grouped(x: Tensor, owner: str) -> Tensor:
    """Return ``[T, B, C, (W, H)]`` as ``[B, C*T, (W, H)]``."""
    _require_time_first(x, owner)
    return x.movedim(0, 2).flatten(1, 2)


def _require_one_tensor(x: Tensor, owner: str) -> None:
    if x.dim() not in (2, 4):
        raise NotImplementedError(
            f"{owner}: an input of shape {list(x.shape)} is not accepted; expected [B, C] or [B, C, W, H] "
            "with the time steps inside B (layer_by_layer) or C (n_groups)"
        )


def _require_time_first(x: Tensor, owner: str) -> None:
    if x.dim() not in (3, 5):
        raise NotImplementedError(
            f"{owner}: outputs of shape {list(x.shape)} are not accepted; "
            "expected [T, B, C] or [T, B, C, W, H]"
        )


def _divided(size: int, dimension: int, step: int, owner: str) -> int:
    if isinstance(step, bool) or not isinstance(step, int) or step < 1:
        raise ValueError(f"{owner}: step={step!r} is not accepted; expected an integer of at least 1")
    if size % step:
        raise RuntimeError(
            f"{owner}: dimension {dimension} of size {size} cannot be divided into step={step} time steps"
        )
    return size // step
