"""The Triton engine's kernels: a block of neurons through all time steps, one kernel for each direction.

Forward, ``t = 0...T-1``, and backward, ``t = T-1...0``::

    h[t] = charge(v[t-1], x[t]);  s[t] = fire(h[t]);  v[t] = reset(h[t], s[t])
    dL/ds[t] = given + through reset;  dL/dh[t] = through reset + surrogate(dL/ds[t], h[t] - threshold)

The state stays in registers over time; each input is read once and each output written once. Every operation
rounds on its own, to the dtype of the tensors: half types are computed in float32 and rounded after each
operation, as torch does. ``_over`` divides with correct rounding, and whoever launches the kernels turns
fused multiply-adds off. Where a term is missing, -0.0 stands for it: adding -0.0 changes no number.

The codes of equations are strings::

    charge     keep      h = v*k + x                   scale      h = v + x*dt
               mix       h = v + ((x - (v - r))*k)*dt  mix_over   h = v + (x - (v - r))/k
               leak      h = (v - (v - r)*k) + x       leak_over  h = (v - (v - r)/k) + x
    reset      hard, hard_detached   v = (1 - s)*h + s*v_reset
               soft, soft_detached   v = h - s*threshold
    surrogate  none                  no gradient
               atan                  (1/(1 + (x*a)^2)*b)*g
               sigmoid               ((g*(1 - d))*d)*a,  d = 1/(1 + exp(-x*a))

``constants`` holds ``k, r, dt, threshold, v_reset, a, b`` in the dtype that is computed in, and the threshold
once more, as a factor: torch may round a number that it subtracts in a half type, and not one that it
multiplies with.

Without Triton the module imports and the kernels cannot be launched.
"""

from __future__ import annotations

import contextlib
from typing import Any

__all__ = ["backward", "forward"]


def _jit(function: Any) -> Any:
    """Stand in for Triton's compiler where there is none."""
    return function


with contextlib.suppress(ImportError):
    import triton
    import triton.language as tl
    from triton.language.extra import libdevice

    _jit = triton.jit


@_jit
def _r(a: tl.tensor, DTYPE: tl.constexpr) -> tl.tensor:
    """Round to the dtype of the tensors."""
    return a.to(DTYPE).to(a.dtype)


@_jit
def _over(a: tl.tensor, b: tl.tensor) -> tl.tensor:
    """Divide, correctly rounded: Triton's ``/`` is so in float64 alone."""
    if a.dtype == tl.float64:
        quotient = a / b
    else:
        quotient = tl.div_rn(a, b)
    return quotient


@_jit
def _sigmoid(y: tl.tensor, LIBDEVICE: tl.constexpr) -> tl.tensor:
    """Return ``1/(1 + exp(-y))``; ``exp`` is libdevice's, as torch's on a GPU, or the interpreter's."""
    if LIBDEVICE:
        e = libdevice.exp(-y)
    else:
        e = tl.exp(-y)
    return _over(tl.full(y.shape, 1.0, y.dtype), 1.0 + e)


@_jit
def _charge(
    v: tl.tensor,
    x: tl.tensor,
    k: tl.tensor,
    rest: tl.tensor,
    dt: tl.tensor,
    CHARGE: tl.constexpr,
    DTYPE: tl.constexpr,
) -> tl.tensor:
    if CHARGE == "keep":
        h = _r(v * k, DTYPE) + x
    elif CHARGE == "scale":
        h = v + _r(x * dt, DTYPE)
    elif CHARGE == "mix":
        d = _r(x - _r(v - rest, DTYPE), DTYPE)
        h = v + _r(_r(d * k, DTYPE) * dt, DTYPE)
    elif CHARGE == "mix_over":
        d = _r(x - _r(v - rest, DTYPE), DTYPE)
        h = v + _r(_over(d, k + tl.zeros_like(d)), DTYPE)
    elif CHARGE == "leak":
        d = _r(v - rest, DTYPE)
        h = _r(v - _r(d * k, DTYPE), DTYPE) + x
    else:
        d = _r(v - rest, DTYPE)
        h = _r(v - _r(_over(d, k + tl.zeros_like(d)), DTYPE), DTYPE) + x
    return _r(h, DTYPE)


@_jit
def _fire(h: tl.tensor, threshold: tl.tensor, STRICT: tl.constexpr, DTYPE: tl.constexpr) -> tl.tensor:
    x = _r(h - threshold, DTYPE)
    if STRICT:
        fired = x > 0
    else:
        fired = x >= 0
    return fired.to(h.dtype)


@_jit
def _reset(
    h: tl.tensor,
    s: tl.tensor,
    lost: tl.tensor,
    v_reset: tl.tensor,
    RESET: tl.constexpr,
    DTYPE: tl.constexpr,
) -> tl.tensor:
    if RESET == "soft" or RESET == "soft_detached":
        v = h - _r(s * lost, DTYPE)
    else:
        v = (1.0 - s) * h + _r(s * v_reset, DTYPE)
    return _r(v, DTYPE)


@_jit
def forward(
    x: tl.tensor,
    v0: tl.tensor,
    q: tl.tensor,
    constants: tl.tensor,
    s: tl.tensor,
    h_seq: tl.tensor,
    v_seq: tl.tensor,
    last: tl.tensor,
    steps: tl.tensor,
    n: tl.tensor,
    CHARGE: tl.constexpr,
    RESET: tl.constexpr,
    STRICT: tl.constexpr,
    LEARNED: tl.constexpr,
    KEEP: tl.constexpr,
    STATES: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Run all time steps of one block of neurons.

    Args:
        x: inputs ``[T, n]``.
        v0: membrane potential before the first step ``[n]``.
        q: the learned reciprocal time constant, where ``LEARNED``: ``k`` is ``q``, or ``1 - q`` for ``keep``.
        constants: as above.
        s: spikes ``[T, n]``, an output, as are
        h_seq: the charged potential ``[T, n]``, where ``KEEP``,
        v_seq: the membrane potential of every step ``[T, n]``, where ``STATES``, and
        last: of the last step, ``[n]``.
        steps: ``T``.
        n: neurons.
        CHARGE: code.
        RESET: code.
        STRICT: whether a spike needs ``h > threshold``.
        LEARNED: see ``q``.
        KEEP: see ``h_seq``.
        STATES: see ``v_seq``.
        BLOCK: neurons of a block.
    """
    DTYPE: tl.constexpr = x.dtype.element_ty
    k = tl.load(constants)
    rest = tl.load(constants + 1)
    dt = tl.load(constants + 2)
    threshold = tl.load(constants + 3)
    v_reset = tl.load(constants + 4)
    lost = tl.load(constants + 7)
    if LEARNED:
        k = tl.load(q).to(k.dtype)
        if CHARGE == "keep":
            k = _r(1.0 - k, DTYPE)
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    v = tl.load(v0 + at, mask=inside, other=0.0).to(k.dtype)
    x_at = x + at
    s_at = s + at
    h_at = h_seq + at
    v_at = v_seq + at
    for _ in range(steps):
        x_t = tl.load(x_at, mask=inside, other=0.0).to(k.dtype)
        h = _charge(v, x_t, k, rest, dt, CHARGE, DTYPE)
        fired = _fire(h, threshold, STRICT, DTYPE)
        v = _reset(h, fired, lost, v_reset, RESET, DTYPE)
        tl.store(s_at, fired.to(DTYPE), mask=inside)
        if KEEP:
            tl.store(h_at, h.to(DTYPE), mask=inside)
        if STATES:
            tl.store(v_at, v.to(DTYPE), mask=inside)
        x_at += n
        s_at += n
        h_at += n
        v_at += n
    tl.store(last + at, v.to(DTYPE), mask=inside)


@_jit
def _spiked(
    g: tl.tensor,
    x: tl.tensor,
    a: tl.tensor,
    b: tl.tensor,
    SURROGATE: tl.constexpr,
    LIBDEVICE: tl.constexpr,
    DTYPE: tl.constexpr,
) -> tl.tensor:
    """Return the gradient through the spike, at ``x = h - threshold``."""
    if SURROGATE == "atan":
        y = _r(x * a, DTYPE)
        y = _r(_r(y * y, DTYPE) + 1.0, DTYPE)
        y = _r(_over(tl.full(y.shape, 1.0, y.dtype), y), DTYPE)
        spiked = _r(_r(y * b, DTYPE) * g, DTYPE)
    elif SURROGATE == "sigmoid":
        d = _r(_sigmoid(_r(x * a, DTYPE), LIBDEVICE), DTYPE)
        spiked = _r(_r(_r(g * _r(1.0 - d, DTYPE), DTYPE) * d, DTYPE) * a, DTYPE)
    else:
        spiked = tl.full(x.shape, -0.0, x.dtype)
    return spiked


@_jit
def backward(
    gs: tl.tensor,
    g_last: tl.tensor,
    g_seq: tl.tensor,
    h_seq: tl.tensor,
    x: tl.tensor,
    v0: tl.tensor,
    q: tl.tensor,
    constants: tl.tensor,
    gx: tl.tensor,
    gv0: tl.tensor,
    term: tl.tensor,
    steps: tl.tensor,
    n: tl.tensor,
    gs_step: tl.tensor,
    term_step: tl.tensor,
    CHARGE: tl.constexpr,
    RESET: tl.constexpr,
    SURROGATE: tl.constexpr,
    STRICT: tl.constexpr,
    LEARNED: tl.constexpr,
    SPIKES: tl.constexpr,
    GIVEN: tl.constexpr,
    STATES: tl.constexpr,
    LEARNS: tl.constexpr,
    LIFT: tl.constexpr,
    LIBDEVICE: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Run all time steps of one block of neurons backwards.

    Pointers to ``[T, n]`` point to the last step.

    Args:
        gs: gradient of the spikes, where ``SPIKES``, ``gs_step`` apart from step to step.
        g_last: gradient of the last membrane potential ``[n]``, where ``GIVEN``.
        g_seq: gradient of the membrane potential of every step ``[T, n]``, where ``STATES``.
        h_seq: the charged potential ``[T, n]``.
        x: inputs ``[T, n]`` and
        v0: membrane potential before the first step ``[n]``, where ``LEARNS``.
        q: as for :func:`forward`.
        constants: as above.
        gx: gradient of the inputs ``[T, n]``, an output, as are
        gv0: of the first membrane potential ``[n]``, and
        term: what each neuron adds to the gradient of ``k`` (``keep``: of ``1 - k``, to be negated), where
            ``LEARNS``, ``term_step`` apart from step to step.
        steps: ``T``.
        n: neurons.
        gs_step: see ``gs``.
        term_step: see ``term``.
        CHARGE: code.
        RESET: code.
        SURROGATE: code.
        STRICT: whether a spike needs ``h > threshold``.
        LEARNED: as for :func:`forward`.
        SPIKES: see ``gs``.
        GIVEN: see ``g_last``.
        STATES: ``first`` or ``last``: where ``g_seq`` is added, before or after the terms of the next
            step's charge; else ``""``.
        LEARNS: whether ``k`` gets a gradient.
        LIFT: whether 0 is added to the gradient of the inputs, as where autograd sums over steps.
        LIBDEVICE: see :func:`_sigmoid`.
        BLOCK: neurons of a block.
    """
    DTYPE: tl.constexpr = h_seq.dtype.element_ty
    k = tl.load(constants)
    rest = tl.load(constants + 1)
    dt = tl.load(constants + 2)
    threshold = tl.load(constants + 3)
    v_reset = tl.load(constants + 4)
    a = tl.load(constants + 5)
    b = tl.load(constants + 6)
    lost = tl.load(constants + 7)
    if LEARNED:
        k = tl.load(q).to(k.dtype)
        if CHARGE == "keep":
            k = _r(1.0 - k, DTYPE)
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    nothing = tl.full([BLOCK], -0.0, k.dtype)
    gv = nothing
    if GIVEN:
        gv = tl.load(g_last + at, mask=inside, other=0.0).to(k.dtype)
    if STATES != "":
        gv = _r(gv + tl.load(g_seq + at, mask=inside, other=0.0).to(k.dtype), DTYPE)
    gs_at = gs + at
    h_at = h_seq + at
    base_at = g_seq + at - n
    x_at = x + at
    gx_at = gx + at
    term_at = term + at
    for i in range(steps):
        done = tl.full([BLOCK], i, tl.int32)
        earlier = inside & (done < steps - 1)
        h = tl.load(h_at, mask=inside, other=0.0).to(k.dtype)
        g = nothing
        if SPIKES:
            g = tl.load(gs_at, mask=inside, other=0.0).to(k.dtype)
        through = g
        if RESET == "hard":
            through = _r(_r(g + _r(gv * v_reset, DTYPE), DTYPE) - _r(gv * h, DTYPE), DTYPE)
        if RESET == "soft":
            through = _r(g - _r(gv * lost, DTYPE), DTYPE)
        if not GIVEN and STATES == "":
            through = tl.where(done == 0, g, through)
        spiked = _spiked(through, _r(h - threshold, DTYPE), a, b, SURROGATE, LIBDEVICE, DTYPE)
        if RESET == "hard" or RESET == "hard_detached":
            gv = gv * (1.0 - _fire(h, threshold, STRICT, DTYPE))
        gh = _r(spiked + gv, DTYPE)

        base = nothing
        if STATES != "":
            base = tl.load(base_at, mask=earlier, other=-0.0).to(k.dtype)
        first = nothing
        if STATES == "first":
            first = base
        if CHARGE == "keep":
            g = gh
            gv = _r(first + _r(gh * k, DTYPE), DTYPE)
        elif CHARGE == "scale":
            g = _r(gh * dt, DTYPE)
            gv = _r(first + gh, DTYPE)
        elif CHARGE == "mix":
            g = _r(_r(gh * dt, DTYPE) * k, DTYPE)
            gv = _r(_r(first + gh, DTYPE) - g, DTYPE)
        elif CHARGE == "mix_over":
            g = _r(_over(gh, k + tl.zeros_like(gh)), DTYPE)
            gv = _r(_r(first + gh, DTYPE) - g, DTYPE)
        elif CHARGE == "leak":
            g = gh
            gv = _r(_r(first + gh, DTYPE) - _r(gh * k, DTYPE), DTYPE)
        else:
            g = gh
            gv = _r(_r(first + gh, DTYPE) - _r(_over(gh, k + tl.zeros_like(gh)), DTYPE), DTYPE)
        if STATES == "last":
            gv = _r(gv + base, DTYPE)
        if LIFT:
            g = g + 0.0
        tl.store(gx_at, g.to(DTYPE), mask=inside)

        if LEARNS:
            x_t = tl.load(x_at, mask=inside, other=0.0).to(k.dtype)
            before = tl.load(h_at - n, mask=earlier, other=0.0).to(k.dtype)
            v = _reset(before, _fire(before, threshold, STRICT, DTYPE), lost, v_reset, RESET, DTYPE)
            if i == steps - 1:
                v = tl.load(v0 + at, mask=inside, other=0.0).to(k.dtype)
            if CHARGE == "keep":
                learned = v * gh
            elif CHARGE == "mix":
                d = _r(x_t - _r(v - rest, DTYPE), DTYPE)
                learned = d * _r(gh * dt, DTYPE)
            else:
                learned = -(_r(v - rest, DTYPE) * gh)
            tl.store(term_at, _r(learned, DTYPE).to(DTYPE), mask=inside)
        gs_at -= gs_step
        h_at -= n
        base_at -= n
        x_at -= n
        gx_at -= n
        term_at -= term_step
    tl.store(gv0 + at, gv.to(DTYPE), mask=inside)
