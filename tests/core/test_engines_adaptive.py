"""The fused engine on neurons with an adaptation current: the reference loop's bits."""

from __future__ import annotations

import itertools

import pytest
import torch
from tensor_bits import randn, same

from unisnn.core import engines
from unisnn.core.engines import fused_adaptive, library, native, operator, triton
from unisnn.spikingjelly.activation_based import neuron, surrogate

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
SURROGATES = sorted(
    name
    for name, kind in vars(surrogate).items()
    if isinstance(kind, type) and getattr(kind, "_parameter_names", ()) and name != "PoissonPass"
)
RESETS = {
    "hard": {"v_reset": -0.3, "v_threshold": 0.8},
    "hard to 0": {"v_reset": 0.0},
    "hard to -0": {"v_reset": -0.0},
    "hard detached": {"v_reset": -0.3, "detach_reset": True},
    "hard to 0 detached": {"v_reset": 0.0, "detach_reset": True},
    "soft": {"v_reset": None, "v_threshold": 0.7},
    "soft detached": {"v_reset": None, "detach_reset": True},
}
CURRENTS = {
    "none": {},
    "coupled": {"a": 0.3, "tau_w": 1.7, "w_rest": 0.1},
    "jumping": {"b": 0.2, "tau_w": 3.0},
    "both": {"a": -0.4, "b": 0.7, "tau_w": 1.7, "w_rest": -0.2},
    "falling": {"a": 1.0, "b": -0.3, "w_rest": -0.0},
}
LAST, ALL = 4, (0, 1, 2, 3, 4)
"""Outputs: spikes of two calls, ``v``, ``w``, ``v_seq``."""


@pytest.fixture
def runs(monkeypatch):
    """Count the calls that reach the fused engine."""
    count = []
    real = operator.multi_step
    monkeypatch.setattr(operator, "multi_step", lambda *given: count.append(given) or real(*given))
    return count


def made(reset="hard", current="both", **more):
    constants = {"tau": 1.7, "v_c": 0.6, "a0": 0.7, "v_rest": -0.1}
    return neuron.IzhikevichNode(step_mode="m", **constants, **RESETS[reset], **CURRENTS[current], **more)


def leaf(tensor, learns):
    return tensor.detach().clone().requires_grad_(learns)


def run(node, engine, x, state=True, learns="xvw", only=ALL, threshold=None):
    """Return what two calls in a row give and leave, every gradient, and what has one."""
    node.reset()
    x = leaf(x, "x" in learns)
    v, w = (randn(*x.shape[1:], dtype=x.dtype, seed=seed) for seed in (3, 5))
    v, w = leaf(v, "v" in learns), leaf(w, "w" in learns)
    if state:
        node.v, node.w = v, w
    if threshold is not None:
        node.v_threshold = leaf(threshold, True)
    with engines.engine(engine):
        first = node(x)
        second = node(x * 0.5)
    outputs = [first, second, node.v, node.w, *([node.v_seq] if node.store_v_seq else [])]
    pairs = []
    for index, y in enumerate(outputs):
        if index in only and y.requires_grad:
            g = randn(*y.shape, dtype=y.dtype, seed=20 + index)
            g[g.abs() < 0.3] = 0
            g[..., ::5] *= -0.0
            pairs.append((y, g))
    if pairs:
        torch.autograd.backward([y for y, _ in pairs], [g for _, g in pairs])
    leaves = [x, v, w, *([] if threshold is None else [node.v_threshold])]
    return [
        *outputs,
        *(tensor.grad for tensor in leaves),
        *(torch.tensor(float(y.requires_grad)) for y in outputs),
    ]


def inputs(steps, dtype, odd=False):
    x = randn(steps, 3, 37, dtype=dtype, seed=steps) * 1.5 + 0.4
    x.view(-1)[:3] = torch.tensor([1.0, 2.0, -0.0], dtype=dtype)
    if odd:
        x.view(-1)[40:43] = torch.tensor([torch.nan, torch.inf, -torch.inf], dtype=dtype)
    return x


def compare(node, x, **kwargs):
    loop, fused = (run(node, name, x, **kwargs) for name in ("reference", "fused"))
    wrong = [index for index, pair in enumerate(zip(loop, fused, strict=True)) if not same(*pair)]
    assert not wrong, (x.dtype, list(x.shape), kwargs, wrong)


@pytest.mark.parametrize("current", CURRENTS)
@pytest.mark.parametrize("reset", RESETS)
def test_resets_and_currents(reset, current, runs):
    for dtype, steps, state, odd in itertools.product(DTYPES, (1, 4), (False, True), (False, True)):
        compare(made(reset, current), inputs(steps, dtype, odd), state=state)
    compare(made(reset, current).eval(), inputs(3, torch.float32))
    assert len(runs) == 2 * (len(DTYPES) * 8 + 1)


@pytest.mark.parametrize("reset", RESETS)
def test_states_of_every_step(reset, runs):
    for current, dtype, steps in itertools.product(CURRENTS, DTYPES, (1, 3)):
        compare(made(reset, current, store_v_seq=True), inputs(steps, dtype))
    compare(made(reset, store_v_seq=True), inputs(3, torch.float32), only=(LAST,))
    assert len(runs) == 2 * (len(CURRENTS) * len(DTYPES) * 2 + 1)


@pytest.mark.parametrize("only", [(0, 1), (0,), (2,), (3,), (0, 3), (2, 3)], ids=str)
@pytest.mark.parametrize("reset", RESETS)
def test_losses_of_some_outputs(reset, only, runs):
    for dtype, steps in itertools.product(DTYPES, (1, 3)):
        compare(made(reset), inputs(steps, dtype, odd=True), only=only)
    assert len(runs) == 2 * len(DTYPES) * 2


@pytest.mark.parametrize("learns", ["x", "v", "w", "xv", "vw", ""])
def test_what_has_a_gradient(learns, runs):
    for reset, steps, stored in itertools.product(RESETS, (1, 3), (False, True)):
        compare(made(reset, store_v_seq=stored), inputs(steps, torch.float32), learns=learns)
    assert len(runs) == 2 * len(RESETS) * 2 * 2


@pytest.mark.parametrize("name", SURROGATES)
def test_surrogates(name, runs):
    for reset, dtype in itertools.product(("hard", "hard detached", "soft"), DTYPES):
        compare(made(reset, surrogate_function=getattr(surrogate, name)()), inputs(3, dtype, odd=True))
    assert len(runs) == 2 * 3 * len(DTYPES)


@pytest.mark.parametrize("learns", ["xvw", "x", ""])
@pytest.mark.parametrize("reset", RESETS)
def test_learned_thresholds(reset, learns, runs):
    for dtype, steps, only in itertools.product(DTYPES, (1, 3), (ALL, (0, 1), (2,), (3,))):
        kind = torch.float64 if dtype == torch.bfloat16 else torch.float32
        threshold = torch.tensor(0.7, dtype=kind)
        compare(made(reset), inputs(steps, dtype), learns=learns, only=only, threshold=threshold)
    assert all(plan.more == ("threshold", "current") for plan, *_ in runs)


def test_shapes_and_strides(runs):
    given = (
        torch.randn(4, 6, 10)[:, ::2, 1:8],
        torch.randn(5, 7, 4).transpose(0, 2),
        torch.randn(3, 0, 5),
        torch.randn(3),
        torch.randn(2, 3, 4, 5),
        torch.randn(1, 5000),
        torch.randn(3, 5).expand(4, 3, 5),
    )
    for x in given:
        results = []
        for engine in ("reference", "fused"):
            node, own = made(), x.detach().requires_grad_()
            w = torch.randn(x.shape[:0:-1], generator=torch.Generator().manual_seed(0))
            node.w = w.permute(tuple(range(w.dim()))[::-1])
            with engines.engine(engine):
                y = node(own)
            (y * 2 + node.w + node.v * 3).sum().backward()
            results.append([y, node.v, node.w, own.grad])
        assert all(same(*pair) for pair in zip(*results, strict=True)), x.shape
    assert len(runs) == len(given)


def test_blocks_of_a_large_step(runs):
    for x in (inputs(3, torch.float32).repeat(1, 200, 5), inputs(2, torch.float64).repeat(1, 700, 1)):
        compare(made("soft", surrogate_function=surrogate.ATan()), x)
        compare(made(store_v_seq=True), x)
    assert len(runs) == 8


def test_constants_that_are_not_finite_or_too_large(runs):
    infinite = float("inf")
    changes = ({"b": infinite}, {"b": 1e6}, {"a": float("nan")}, {"v_reset": infinite}, {"tau_w": 1e-9})
    for change, dtype, reset in itertools.product(changes, DTYPES, ("hard", "hard detached")):
        node = made(reset)
        for name, value in change.items():
            setattr(node, name, value)
        compare(node, inputs(3, dtype))
    assert len(runs) == 2 * len(changes) * len(DTYPES) * 2


def test_nothing_of_the_current_is_kept():
    node, kept = made(), []
    x = torch.randn(16, 8, 16, requires_grad=True)
    w = torch.randn(8, 16, requires_grad=True)
    node.w = w
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor) or tensor, lambda t: t):
        y = node(x)
    assert sum(tensor.numel() for tensor in kept) == x.numel() + x[0].numel()
    y.sum().backward()
    assert w.grad is not None


def test_without_gradient():
    node = made("soft")
    x = inputs(4, torch.float32)
    with torch.no_grad():
        loop, fused = (run(node, name, x) for name in ("reference", "fused"))
    assert all(same(*pair) for pair in zip(loop, fused, strict=True))


def test_the_second_derivative_is_refused():
    x, w = torch.rand(3, 4, requires_grad=True), torch.rand(4, requires_grad=True)
    for learned in (x, w):
        node = made()
        node.w = w
        (gradient,) = torch.autograd.grad(node(x).sum() + node.w.sum(), learned, create_graph=True)
        with pytest.raises(RuntimeError, match="engine\\('reference'\\)"):
            gradient.sum().backward()


def test_only_the_fused_engine_covers_it():
    plan, x = made()._plan(), torch.rand(3, 4)
    assert plan.adapt == (-0.1, 1.7, -0.4, 0.7)
    assert not native.covers(plan, x)
    assert not triton.covers(plan, x)
    for name in ("auto", "fused", "native", "triton"):
        assert library.pick(name, plan, x) is fused_adaptive


class Own(neuron.AdaptBaseNode):
    """Has a charge equation of its own."""

    def neuronal_charge(self, x):
        self.v = self.v + x - self.w


OVERRIDES = {
    "neuronal_adaptation": lambda self: None,
    "jit_neuronal_adaptation": staticmethod(lambda w, tau_w, a, v_rest, v: w),
    "w_float_to_tensor": lambda self, x: setattr(self, "w", torch.full_like(x, 0.5)),
    "jit_hard_reset": staticmethod(lambda v, w, d, v_reset, b, s: (v, w)),
    "neuronal_charge": lambda self, x: None,
}


def test_what_runs_in_the_loop(runs):
    x = torch.rand(3, 4)
    kinds = [type("Changed", (neuron.IzhikevichNode,), {name: code}) for name, code in OVERRIDES.items()]
    nodes = [kind(step_mode="m") for kind in (Own, *kinds)]
    learned = made()
    learned.a = torch.tensor(0.3, requires_grad=True)
    wide, broad = made(), made()
    wide.w, broad.w = torch.zeros(4, dtype=torch.float64), torch.zeros(2, 4)
    whole = made()
    whole.w = 1
    for node in (*nodes, learned, wide, broad, whole):
        node.v = torch.zeros(4)
        node(x)
        assert not runs
    made()(x)
    assert len(runs) == 1
