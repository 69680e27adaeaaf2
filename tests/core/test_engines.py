"""The fused engine gives the reference loop's bits, and leaves alone what it does not cover."""

from __future__ import annotations

import itertools

import pytest
import torch
from tensor_bits import same

from unisnn.core import engines
from unisnn.core.engines import choice, native, operator
from unisnn.snngrow.base import neuron as snngrow
from unisnn.spikingjelly.activation_based import neuron, surrogate
from unisnn.spikingjelly.clock_driven import neuron as clock_driven

ENGINES = ("fused", "native") if native.available() else ("fused",)
"""Those that are compared with the loop; the native one leaves 16-bit numbers to the fused one."""
DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
SURROGATES = sorted(
    name
    for name, kind in vars(surrogate).items()
    if isinstance(kind, type) and getattr(kind, "_parameter_names", ()) and name != "PoissonPass"
)
NEURONS = {
    "IF": lambda **kwargs: neuron.IFNode(step_mode="m", **kwargs),
    "LIF": lambda **kwargs: neuron.LIFNode(tau=3.0, step_mode="m", **kwargs),
    "LIF-keep": lambda **kwargs: neuron.LIFNode(tau=1.7, decay_input=False, step_mode="m", **kwargs),
    "PLIF": lambda **kwargs: neuron.ParametricLIFNode(init_tau=3.0, step_mode="m", **kwargs),
    "PLIF-keep": lambda **kwargs: neuron.ParametricLIFNode(decay_input=False, step_mode="m", **kwargs),
    "clock IF": clock_driven.MultiStepIFNode,
    "clock LIF": lambda **kwargs: clock_driven.MultiStepLIFNode(tau=3.0, **kwargs),
    "clock PLIF": lambda **kwargs: clock_driven.MultiStepParametricLIFNode(init_tau=3.0, **kwargs),
    "snngrow IF": lambda **kwargs: snngrow.IFNode(parallel_optim=True, T=1, **kwargs),
    "snngrow LIF": lambda **kwargs: snngrow.LIFNode(tau=3.0, parallel_optim=True, T=1, **kwargs),
}
RESETS = {
    "hard": {"v_reset": 0.0},
    "hard to": {"v_reset": -0.3, "v_threshold": 0.8},
    "hard detached": {"v_reset": 0.0, "detach_reset": True},
    "soft": {"v_reset": None},
    "soft of": {"v_reset": None, "v_threshold": 0.7},
    "soft detached": {"v_reset": None, "detach_reset": True},
}


@pytest.fixture
def runs(monkeypatch):
    """Count the calls that reach the fused engine."""
    count = []
    real = operator.multi_step
    monkeypatch.setattr(operator, "multi_step", lambda *given: count.append(1) or real(*given))
    return count


def inputs(steps, dtype):
    generator = torch.Generator().manual_seed(steps)
    x = (torch.randn(steps, 3, 37, generator=generator, dtype=torch.float64) * 1.5 + 0.4).to(dtype)
    x[0, 0, :3] = torch.tensor([1.0, 2.0, -0.0], dtype=dtype)
    if steps > 1:
        x[1, 1, :3] = torch.tensor([torch.nan, torch.inf, -torch.inf], dtype=dtype)
    g = torch.randn(steps, 3, 37, generator=generator, dtype=torch.float64).to(dtype)
    g[g.abs() < 0.3] = 0
    g[..., ::5] *= -0.0
    return x, g


def run(node, engine, x, g, state):
    """Return spikes, states and gradients of two calls in a row, the second without a reset between."""
    node.zero_grad()
    node.reset()
    if hasattr(node, "T"):
        node.T = x.shape[0]
        x, g = x.flatten(0, 1), g.flatten(0, 1)
    x = x.clone().requires_grad_()
    v0 = torch.linspace(-1, 1, 111, dtype=x.dtype).view(3, 37).requires_grad_()
    if state:
        node.v = v0
    with engines.engine(engine):
        first = node(x)
        second = node(x * 0.5)
    outputs = [first, second, node.v]
    v_seq = getattr(node, "v_seq", None)
    if v_seq is not None:
        outputs.append(v_seq)
    loss = [(y, g.flatten()[: y.numel()].view_as(y)) for y in outputs if y.requires_grad]
    torch.autograd.backward([y for y, _ in loss], [d for _, d in loss])
    grads = [x.grad, v0.grad, *(p.grad for p in node.parameters())]
    return [*outputs, *grads, *[torch.tensor(y.requires_grad).float() for y in outputs]]


def compare(node, dtype, steps=(1, 4)):
    for count, state in itertools.product(steps, (False, True)):
        x, g = inputs(count, dtype)
        loop = run(node, "reference", x, g, state)
        for engine in ENGINES:
            ran = run(node, engine, x, g, state)
            wrong = [index for index, pair in enumerate(zip(loop, ran, strict=True)) if not same(*pair)]
            assert not wrong, (engine, count, state, wrong)


@pytest.mark.parametrize("train", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("name", NEURONS)
def test_neurons_and_resets(name, reset, train, runs):
    for dtype in DTYPES:
        node = NEURONS[name](**RESETS[reset]).train(train)
        before = len(runs)
        compare(node, dtype)
        fresh_halves = name.startswith("clock") and dtype in DTYPES[2:] and reset == "hard to"
        assert len(runs) - before == (6 if fresh_halves else 8) * len(ENGINES)


@pytest.mark.parametrize("name", SURROGATES)
def test_surrogates(name, runs):
    for dtype in DTYPES:
        compare(neuron.LIFNode(step_mode="m", surrogate_function=getattr(surrogate, name)()), dtype)
    assert len(runs) == 8 * len(DTYPES) * len(ENGINES)


def test_every_surrogate_is_tried():
    assert len(SURROGATES) >= 15


@pytest.mark.parametrize("name", ["IF", "LIF", "PLIF"])
def test_states_of_every_step(name):
    for reset, dtype in itertools.product(RESETS.values(), DTYPES):
        compare(NEURONS[name](store_v_seq=True, **reset), dtype)


def test_strided_and_empty_inputs(runs):
    node = neuron.LIFNode(step_mode="m")
    strided = torch.randn(4, 6, 10)[:, ::2, 1:8]
    transposed = torch.randn(5, 7, 4).transpose(0, 2)
    for x in (strided, transposed, torch.randn(3, 0, 5), torch.randn(3), torch.randn(2, 3, 4, 5)):
        results = []
        for engine in ("reference", *ENGINES):
            node.reset()
            with engines.engine(engine):
                results.append(node(x))
        assert all(same(results[0], result) for result in results)
    assert len(runs) == 5 * len(ENGINES)


class Louder(neuron.LIFNode):
    """Changes the charge."""

    def neuronal_charge(self, x):
        self.v = self.v + 2 * x


class Renamed(neuron.LIFNode):
    """Changes nothing."""


def test_a_subclass_runs_its_own_code(runs):
    x = torch.rand(3, 4)
    expected = neuron.LIFNode(step_mode="m")
    assert torch.equal(Renamed(step_mode="m")(x), expected(x))
    assert len(runs) == 2
    own = Louder(step_mode="m", v_threshold=1e9)
    own(x)
    assert len(runs) == 2
    assert torch.equal(own.v, 2 * x[0] + 2 * x[1] + 2 * x[2])


def test_what_is_replaced_or_hooked_runs_in_the_loop(runs, monkeypatch):
    x = torch.rand(3, 4)
    node = neuron.IFNode(step_mode="m", surrogate_function=surrogate.ATan())
    seen = []
    handle = node.surrogate_function.register_forward_hook(lambda *given: seen.append(1))
    node(x)
    assert (len(seen), len(runs)) == (3, 0)
    handle.remove()
    node(x)
    assert (len(seen), len(runs)) == (3, 1)
    monkeypatch.setattr(neuron.BaseNode, "neuronal_fire", lambda self: torch.ones_like(self.v))
    assert torch.equal(node(x), torch.ones_like(x))
    assert len(runs) == 1


def test_what_is_not_covered_runs_in_the_loop(runs):
    node = neuron.LIFNode(step_mode="m")
    node(torch.ones(3, 4, dtype=torch.int64).bool().float().requires_grad_().to(torch.complex64).real)
    assert len(runs) == 1
    node.reset()
    node.v = torch.zeros(4, dtype=torch.float64)
    node(torch.ones(3, 4))
    node.reset()
    node.v_threshold = torch.ones(4)
    node(torch.ones(3, 4))
    assert len(runs) == 1


def test_the_second_derivative_names_the_reference_engine():
    node = neuron.LIFNode(step_mode="m")
    x = torch.rand(3, 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(node(x).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="engine\\('reference'\\)"):
        gradient.sum().backward()
    node.reset()
    with engines.engine("reference"):
        (again,) = torch.autograd.grad(node(x).sum(), x, create_graph=True)
    assert torch.equal(gradient, again)
    again.sum().backward()


def test_the_engine_is_chosen_by_name(monkeypatch, request):
    request.addfinalizer(choice._from_environment.cache_clear)
    monkeypatch.delenv("UNISNN_ENGINE", raising=False)
    choice._from_environment.cache_clear()
    assert engines.chosen() == "auto"
    monkeypatch.setenv("UNISNN_ENGINE", "reference")
    choice._from_environment.cache_clear()
    assert engines.chosen() == "reference"
    with engines.engine("fused"):
        assert engines.chosen() == "fused"
    monkeypatch.setenv("UNISNN_ENGINE", "warp")
    choice._from_environment.cache_clear()
    with pytest.raises(ValueError, match="UNISNN_ENGINE='warp' is not accepted; expected one of auto"):
        neuron.IFNode(step_mode="m")(torch.ones(2, 3))
    with pytest.raises(ValueError, match="expected one of"), engines.engine("warp"):
        pass
