"""The Triton engine: all time steps in one kernel each way, on a CUDA GPU, with the loop's bits.

It runs what it is known to run exactly, and was written without a GPU at hand. So before a plan runs on a
GPU for the first time, both directions run there on a small example, next to the fused engine: only where
every bit is the same does this engine take the plan, and otherwise says so in a warning and leaves it.

On a GPU torch divides by a number as a product with its reciprocal, rounded; so does this engine there. With
``TRITON_INTERPRET=1`` the kernels run on a CPU, slowly, to be checked: with true divisions, as torch there.
"""

from __future__ import annotations

import functools
import importlib
import math
import struct
import warnings
from typing import Any

import torch
from torch import Tensor

from unisnn.core import surrogate as _families
from unisnn.core.engines import _codes, fused
from unisnn.core.engines.plan import Plan

__all__ = ["available", "backward", "covers", "forward", "reason", "require"]

_BLOCK = 128
_ROW = 128
"""Elements that rows of terms are aligned to: a sum's order may depend on the alignment."""
_CHARGES = ("keep", "scale", "mix", "mix_over", "leak", "leak_over")
_SURROGATES = {_families.ATAN: "atan", _families.SIGMOID: "sigmoid"}
_LAYOUT = struct.Struct("8d")
_HALF = (torch.float16, torch.bfloat16)
_proven: dict[Any, str | None] = {}
"""Plans that ran on a device: ``None``, or what was wrong."""


def available() -> bool:
    """Say whether Triton can be imported and has a GPU, or its interpreter, to run on."""
    return reason() is None


@functools.cache
def reason() -> str | None:
    """Say why the Triton engine cannot be used; ``None`` where it can."""
    try:
        importlib.import_module("triton.language")
    except ImportError as error:
        return f"Triton cannot be imported: {error}"
    if _interprets():
        return None
    if torch.version.cuda is None or not torch.cuda.is_available():
        return "torch sees no CUDA GPU, and TRITON_INTERPRET=1 is not set"
    return None


def require() -> None:
    """Raise ``RuntimeError`` where the Triton engine cannot be used."""
    why = reason()
    if why is not None:
        raise RuntimeError(
            f"unisnn: the Triton engine cannot run. {why}. With UNISNN_ENGINE=auto (the default) "
            "the fused engine takes its place"
        )


def covers(plan: Plan, x: Tensor) -> bool:
    """Say whether this engine runs ``plan`` on ``x``; the first time on a GPU, find out by an example."""
    if not available() or not _expresses(plan, x.dtype) or x.is_neg():
        return False
    if _interprets():
        return x.device.type == "cpu"
    return x.device.type == "cuda" and _is_proven(plan, x)


def forward(
    plan: Plan, x: Tensor, v0: Tensor, q: Tensor | None, keep: bool
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Run every time step of ``x``; arguments and result as :func:`unisnn.core.engines.fused.forward`."""
    charge, constants = _numbers(plan, x)
    v0 = v0.resolve_neg()
    s, v = torch.empty_like(x), torch.empty_like(v0)
    h = torch.empty_like(x) if keep else None
    v_seq = torch.empty_like(x) if plan.states else None
    _launch(
        _kernels().forward,
        v0,
        (x, v0, _or(q, constants), constants, s, _or(h, s), _or(v_seq, s), v, x.shape[0], v.numel()),
        CHARGE=charge,
        RESET=_reset(plan),
        STRICT=plan.strict,
        LEARNED=q is not None,
        KEEP=keep,
        STATES=bool(plan.states),
    )
    return s, v, v_seq, h


def backward(
    plan: Plan,
    gradients: tuple[Tensor | None, Tensor | None, Tensor | None],
    h: Tensor,
    x: Tensor | None,
    v0: Tensor | None,
    q: Tensor | None,
    needs_v0: bool = True,
    spent: bool = False,
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Return the gradients; arguments and result as :func:`unisnn.core.engines.fused.backward`."""
    charge, constants = _numbers(plan, h)
    gs, gv, gv_seq = (None if given is None else _plain(given) for given in gradients)
    reset, steps = _reset(plan), h.shape[0]
    gx, gv0 = torch.empty_like(h), torch.empty_like(h[0])
    n = gv0.numel()
    learns = x is not None and q is not None
    term_step = -(-n // _ROW) * _ROW
    term = h.new_empty((steps, term_step)) if learns else h
    rows = tuple(tensor[-1] for tensor in (_or(gs, h), _or(gv_seq, h), h, _or(x, h), gx, term))
    carries = plan.family is not None and (gs is not None or not reset.endswith("detached"))
    _launch(
        _kernels().backward,
        gv0,
        (
            rows[0],
            _or(gv, h),
            *rows[1:4],
            _or(v0, h).resolve_neg(),
            _or(q, constants),
            constants,
            rows[4],
            gv0,
            rows[5],
            steps,
            n,
            n,
            term_step,
        ),
        CHARGE=charge,
        RESET=reset,
        SURROGATE=_SURROGATES[plan.family] if carries and plan.family is not None else "none",
        STRICT=plan.strict,
        LEARNED=q is not None,
        SPIKES=gs is not None,
        GIVEN=gv is not None,
        STATES=plan.states if gv_seq is not None else "",
        LEARNS=learns,
        LIFT=steps > 1,
        LIBDEVICE=not _interprets(),
    )
    if not learns or q is None:
        return gx, gv0, []
    terms = [row[:n].view_as(gv0).sum() for row in term.unbind(0)]
    terms = [total.neg() if charge == "keep" else total for total in reversed(terms)]
    return gx, gv0, [torch.ops.aten.sigmoid_backward(total.to(q), q) for total in terms]


def _launch(kernel: Any, step: Tensor, arguments: tuple[Any, ...], **codes: Any) -> None:
    """Run a kernel over the neurons of a step; without fused multiply-adds, which round once for twice."""
    blocks = -(-step.numel() // _BLOCK)
    if blocks == 0:
        return
    if step.device.type != "cuda":
        kernel[(blocks,)](*arguments, **codes, BLOCK=_BLOCK)
        return
    with torch.cuda.device(step.device):
        kernel[(blocks,)](*arguments, **codes, BLOCK=_BLOCK, num_warps=4, enable_fp_fusion=False)


def _kernels() -> Any:
    """Return the module of the kernels, which imports Triton."""
    return importlib.import_module("unisnn.core.engines.triton_kernels")


@functools.cache
def _interprets() -> bool:
    """Say whether Triton runs kernels in its interpreter: settled when it made them."""
    return type(_kernels().forward).__name__ == "InterpretedFunction"


def _expresses(plan: Plan, dtype: torch.dtype) -> bool:
    """Say whether the kernels have the equations of ``plan``."""
    if not _codes.covers(plan, dtype) or (plan.family is None and dtype in _HALF):
        return False
    return plan.family is None or plan.family in _SURROGATES


def _reset(plan: Plan) -> str:
    if plan.reset == "zero":
        return "hard_detached"
    return f"{plan.reset}_detached" if plan.detached else plan.reset


def _numbers(plan: Plan, like: Tensor) -> tuple[str, Tensor]:
    """Return the code of the charge equation, and the constants for the kernels."""
    code, k, rest, dt = _codes.charge(plan, math.nan)
    v_reset = -0.0 if plan.reset == "zero" else plan.v_reset
    a, b = _codes.surrogate(plan, needed=True)[1:3]
    charge = _CHARGES[code]
    dtype = torch.float32 if like.dtype in _HALF else like.dtype
    inverse = charge.endswith("_over") and _multiplies(like)
    numbers = _LAYOUT.pack(k, rest, dt, plan.threshold, v_reset, a, b, plan.threshold)
    charge = charge.removesuffix("_over") if inverse else charge
    return charge, _made(numbers, inverse, _rounds(like), dtype, like.device)


def _multiplies(like: Tensor) -> bool:
    """Say whether torch divides by a number as a product with its rounded reciprocal."""
    return like.device.type == "cuda"


def _rounds(like: Tensor) -> torch.dtype | None:
    """Return the half type that torch rounds a number to before it subtracts it, if it does."""
    return like.dtype if like.dtype in _HALF and like.device.type == "cpu" else None


@functools.lru_cache(maxsize=256)
def _made(
    numbers: bytes,
    inverse: bool,
    rounded: torch.dtype | None,
    dtype: torch.dtype,
    device: torch.device,
) -> Tensor:
    """Return the numbers as a tensor: ``k`` inverted, the resting potential and the threshold rounded.

    They come as bytes, which tell 0.0 from -0.0.
    """
    with torch.inference_mode(False):
        made = torch.tensor(_LAYOUT.unpack(numbers), dtype=dtype)
        if inverse:
            made[0] = 1 / made[0]
        if rounded is not None:
            made[[1, 3]] = made[[1, 3]].to(rounded).to(dtype)
        return made.to(device)


def _or(tensor: Tensor | None, other: Tensor) -> Tensor:
    """Return a tensor for a kernel's argument that it does not use."""
    return other if tensor is None else tensor


def _plain(given: Tensor) -> Tensor:
    """Return a gradient as numbers in memory, one after another."""
    if given._is_zerotensor():
        return torch.zeros(given.shape, dtype=given.dtype, device=given.device)
    return given.resolve_neg().contiguous()


def _is_proven(plan: Plan, x: Tensor) -> bool:
    key = plan, x.dtype, x.device
    if key not in _proven:
        if torch.cuda.is_current_stream_capturing():
            return False
        wrong = _proven[key] = _differs(plan, x)
        if wrong is not None:
            warnings.warn(
                f"unisnn: the fused engine runs in place of the Triton engine on {x.device} in {x.dtype}, "
                f"for a test of the latter failed: {wrong} ({plan})",
                RuntimeWarning,
                stacklevel=2,
            )
    return _proven[key] is None


def _differs(plan: Plan, like: Tensor) -> str | None:
    """Run an example here and in the fused engine; return what is different, or ``None``."""
    generator = torch.Generator().manual_seed(0)

    def made(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(like)

    with torch.inference_mode(False), torch.no_grad():
        x, v0, q = made(5, 3, 331) * 1.5 + plan.threshold / 2, made(3, 331), made().sigmoid()
        given = made(5, 3, 331), made(3, 331), made(5, 3, 331) if plan.states else None
        learned = q if plan.charge.startswith("charge_plif") else None
        inputs = (None, None) if learned is None else (x, v0)
        engines: tuple[tuple[Any, Any], ...] = ((fused.forward, fused.backward), (forward, backward))
        results = []
        try:
            for forth, back in engines:
                ahead = forth(plan, x, v0, learned, True)
                gx, gv0, gw = back(plan, given, ahead[3], *inputs, learned)
                results.append((*ahead, gx, gv0, *gw))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    names = ("spikes", "state", "states", "charged potential", "gradient of x", "gradient of v")
    for index, (one, other) in enumerate(zip(*results, strict=True)):
        if one is not None and not torch.equal(_bits(one), _bits(other)):
            return f"{names[index] if index < len(names) else 'gradient of w'} differs"
    return None


def _bits(tensor: Tensor) -> Tensor:
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()]
    return tensor.contiguous().view(whole)
