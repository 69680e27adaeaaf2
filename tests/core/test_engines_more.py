"""The fused engine on the neurons beyond IF, LIF and PLIF of SpikingJelly: the reference loop's bits."""

from __future__ import annotations

import itertools

import pytest
import torch
from tensor_bits import randn, same

from unisnn.braincog.base.node import node as braincog
from unisnn.core import engines
from unisnn.core.engines import operator
from unisnn.snngrow.base import neuron as snngrow
from unisnn.spikingjelly.activation_based import neuron, surrogate
from unisnn.spikingjelly.clock_driven import neuron as clock_driven

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


@pytest.fixture
def runs(monkeypatch):
    """Count the calls that reach the fused engine."""
    count = []
    real = operator.multi_step
    monkeypatch.setattr(operator, "multi_step", lambda *given: count.append(given[0]) or real(*given))
    return count


def inputs(shape, dtype, seed):
    x = randn(*shape, dtype=dtype, seed=seed) * 1.5 + 0.4
    x.view(-1)[:3] = torch.tensor([1.0, 2.0, -0.0], dtype=dtype)
    return x


def backward(outputs, start):
    """Give every output that has a graph a gradient with zeros of both signs, and go back."""
    pairs = []
    for index, y in enumerate(outputs):
        if not y.requires_grad:
            continue
        g = randn(*y.shape, dtype=y.dtype, seed=start + index)
        g[g.abs() < 0.3] = 0
        g[..., ::5] *= -0.0
        pairs.append((y, g))
    if pairs:
        torch.autograd.backward([y for y, _ in pairs], [g for _, g in pairs])


def differences(one, other):
    return [index for index, pair in enumerate(zip(one, other, strict=True)) if not same(*pair)]


# BrainCog

NODES = {"IF": braincog.IFNode, "LIF": braincog.LIFNode, "PLIF": braincog.PLIFNode}
LAYOUTS = {"folded": {"layer_by_layer": True}, "grouped": {"n_groups": 2}}
SURROGATES = ("SigmoidGrad", "AtanGrad", "ReLUGrad", "GateGrad", "QGateGrad", "STDPGrad", "BackEIGateGrad")


def braincog_run(node, engine, dtype, state, odd, x_learns=True):
    """Return what two calls in a row give and leave, and every gradient."""
    node.zero_grad()
    node.n_reset()
    x = inputs((3, 7 * node.step, 2, 5) if node.groups != 1 else (3 * node.step, 7, 2, 5), dtype, node.step)
    if odd:
        x.view(-1)[40:43] = torch.tensor([torch.nan, torch.inf, -torch.inf], dtype=dtype)
    x.requires_grad_(x_learns)
    v0 = torch.linspace(-1, 1, 210, dtype=dtype).view(3, 7, 2, 5).requires_grad_(x_learns)
    if state:
        node.mem = v0
    with engines.engine(engine):
        first = node(x)
        middle = node.spike
        second = node(x * 0.5)
    outputs = [first, middle, second, node.mem, node.spike]
    backward(outputs, 11)
    learns = [torch.tensor(y.requires_grad).float() for y in outputs]
    return [*outputs, x.grad, v0.grad, *(p.grad for p in node.parameters()), *learns]


def braincog_compare(node, dtype, steps=(1, 2, 4), odd=(False, True), **kwargs):
    for step, state, nan in itertools.product(steps, (False, True), odd):
        node.step = step
        loop, fused = (
            braincog_run(node, name, dtype, state, nan, **kwargs) for name in ("reference", "fused")
        )
        assert not differences(loop, fused), (step, state, nan, differences(loop, fused))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NODES)
def test_braincog_nodes(name, layout, runs):
    for dtype in DTYPES:
        before = len(runs)
        braincog_compare(NODES[name](**LAYOUTS[layout]), dtype)
        # Half precision potentials become float32 after a step, which the loop takes.
        assert len(runs) - before == (24 if dtype in DTYPES[:2] else 20)


@pytest.mark.parametrize("kind", SURROGATES)
@pytest.mark.parametrize("name", NODES)
def test_braincog_surrogates(name, kind, runs):
    for dtype in DTYPES:
        braincog_compare(NODES[name](act_fun=kind, layer_by_layer=True), dtype, steps=(3,))
    assert len(runs) == 4 * 8


@pytest.mark.parametrize("learns", [True, False], ids=["threshold learns", "fixed"])
@pytest.mark.parametrize("sigmoid", [True, False], ids=["sigmoid", "plain"])
@pytest.mark.parametrize("name", NODES)
def test_braincog_thresholds(name, sigmoid, learns, runs):
    for dtype in DTYPES[:3]:
        given = {"requires_thres_grad": learns, "sigmoid_thres": sigmoid, "layer_by_layer": True}
        node = NODES[name](threshold=0.3, **given)
        braincog_compare(node, dtype, steps=(1, 3), odd=(False,))
        braincog_compare(node, dtype, steps=(3,), odd=(False,), x_learns=False)
    assert runs
    assert (node.threshold.grad is not None) == learns


def test_braincog_constants(runs):
    for node in (
        braincog.IFNode(dt=0.3, layer_by_layer=True),
        braincog.PLIFNode(tau=3.0, dt=0.7, layer_by_layer=True),
        braincog.LIFNode(tau=3.0, layer_by_layer=True, v_reset=-0.4),
        braincog.LIFNode(tau=3.0, layer_by_layer=True, v_reset=1),
    ):
        for dtype in DTYPES:
            braincog_compare(node, dtype, steps=(3,))
    tau = braincog.LIFNode(layer_by_layer=True)
    tau.set_n_tau(3.0)
    for dtype in DTYPES:
        braincog_compare(tau, dtype, steps=(3,))
    assert len(runs) > 40


def test_braincog_learned_alpha_alone(runs):
    node = braincog.IFNode(layer_by_layer=True, act_fun=lambda alpha, requires_grad: braincog.AtanGrad(3.0))
    braincog_compare(node, torch.float32, steps=(1, 3), x_learns=False)
    assert node.act_fun.alpha.grad is not None
    assert len(runs) == 16


class Doubled(braincog.LIFNode):
    """Charges twice."""

    def integral(self, inputs):
        super().integral(2 * inputs)


def test_braincog_what_runs_in_the_loop(runs):
    x = torch.rand(8, 4)
    for node in (
        Doubled(layer_by_layer=True, step=2),
        braincog.LIFNode(layer_by_layer=True, step=2, mem_detach=True),
        braincog.LIFNode(layer_by_layer=True, step=2, requires_fp=True),
        braincog.LIFNode(layer_by_layer=True, step=2, requires_mem=True),
        braincog.LIFNode(layer_by_layer=True, step=2, act_fun="EIGrad"),
        braincog.LIFNode(layer_by_layer=True, step=2, act_fun="RoundGrad"),
        braincog.LIFNode(layer_by_layer=True, step=2, threshold=torch.ones(4)),
        braincog.LIFNode(layer_by_layer=True, step=2, tau=torch.tensor(2.0, requires_grad=True)),
    ):
        node(x)
        assert len(runs) == 0
    assert len(node.spike) == 4
    plain = braincog.LIFNode()
    plain(x)
    assert len(runs) == 0
    whole = braincog.LIFNode(layer_by_layer=True, step=2)
    whole(x)
    assert len(runs) == 1


def test_braincog_second_derivative_is_refused():
    node = braincog.PLIFNode(layer_by_layer=True, step=3, requires_thres_grad=True)
    x = torch.rand(6, 4)
    for learned in (node.w, node.threshold, node.act_fun.alpha):
        node.n_reset()
        (gradient,) = torch.autograd.grad(node(x).sum(), learned, create_graph=True)
        with pytest.raises(RuntimeError, match="engine\\('reference'\\)"):
            gradient.backward()


# SpikingJelly

NEURONS = {
    "KLIF": lambda **kwargs: neuron.KLIFNode(tau=3.0, step_mode="m", **kwargs),
    "KLIF-keep": lambda **kwargs: neuron.KLIFNode(tau=1.7, decay_input=False, step_mode="m", **kwargs),
    "KLIF-scaled": lambda **kwargs: neuron.KLIFNode(scale_reset=True, tau=3.0, step_mode="m", **kwargs),
    "KLIF-keep-scaled": lambda **kwargs: neuron.KLIFNode(True, 3.0, False, step_mode="m", **kwargs),
    "QIF": lambda **kwargs: neuron.QIFNode(tau=3.0, a0=0.7, step_mode="m", **kwargs),
    "EIF": lambda **kwargs: neuron.EIFNode(tau=3.0, delta_T=0.9, step_mode="m", **kwargs),
    "clock EIF": lambda **kwargs: clock_driven.MultiStepEIFNode(tau=3.0, delta_T=0.9, **kwargs),
    "clock General": lambda **kwargs: clock_driven.MultiStepGeneralNode(0.7, 1.3, 0.1, **kwargs),
}
LINEAR = {
    "IF": lambda **kwargs: neuron.IFNode(step_mode="m", **kwargs),
    "LIF": lambda **kwargs: neuron.LIFNode(tau=3.0, step_mode="m", **kwargs),
    "PLIF": lambda **kwargs: neuron.ParametricLIFNode(init_tau=3.0, step_mode="m", **kwargs),
    "clock LIF": lambda **kwargs: clock_driven.MultiStepLIFNode(tau=3.0, **kwargs),
    "snngrow LIF": lambda **kwargs: snngrow.LIFNode(tau=3.0, parallel_optim=True, T=1, **kwargs),
}
RESETS = {
    "hard": {"v_reset": -0.3, "v_threshold": 0.8},
    "hard to 0": {"v_reset": 0.0},
    "hard detached": {"v_reset": -0.3, "detach_reset": True},
    "soft": {"v_reset": None, "v_threshold": 0.7},
    "soft detached": {"v_reset": None, "detach_reset": True},
}


def sj_run(node, engine, steps, dtype, state, odd, threshold=None, x_learns=True, only=(0, 1, 2, 3)):
    """Return what two calls in a row give and leave, and every gradient."""
    node.zero_grad()
    node.reset()
    learned = [*node.parameters()]
    if threshold is not None:
        learned.append(threshold.detach().clone().requires_grad_())
        node.v_threshold = learned[-1]
    for index, parameter in enumerate(node.parameters()):
        parameter.data.fill_(1.3 - 0.4 * index)
    x = inputs((steps, 3, 37), dtype, steps)
    if odd:
        x.view(-1)[40:43] = torch.tensor([torch.nan, torch.inf, -torch.inf], dtype=dtype)
    x.requires_grad_(x_learns)
    v0 = torch.linspace(-1, 1, 111, dtype=dtype).view(3, 37).requires_grad_(x_learns)
    if state:
        node.v = v0
    whole = hasattr(node, "T")
    if whole:
        node.T = steps
    given = x.flatten(0, 1) if whole else x
    with engines.engine(engine):
        first = node(given)
        second = node(given * 0.5)
    v_seq = getattr(node, "v_seq", None)
    outputs = [first, second, node.v, *([] if v_seq is None else [v_seq])]
    backward([y for index, y in enumerate(outputs) if index in only], 23)
    learns = [torch.tensor(y.requires_grad).float() for y in outputs]
    return [*outputs, x.grad, v0.grad, *(p.grad for p in learned), *learns]


def sj_compare(node, dtype, counts=(1, 4), odd=(False, True), **kwargs):
    for steps, state, nan in itertools.product(counts, (False, True), odd):
        loop, fused = (
            sj_run(node, name, steps, dtype, state, nan, **kwargs) for name in ("reference", "fused")
        )
        assert not differences(loop, fused), (steps, state, nan, differences(loop, fused))


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("name", NEURONS)
def test_neurons_and_resets(name, reset, runs):
    for dtype in DTYPES:
        before = len(runs)
        node = NEURONS[name](**RESETS[reset])
        sj_compare(node, dtype, (1, 3))
        sj_compare(node.eval(), dtype, (3,), (False,))
        loops = name == "clock EIF" and dtype != torch.float32
        loops |= name == "clock General" and dtype != torch.float32 and node.v_reset not in (None, 0.0)
        assert len(runs) - before == (15 if loops else 20)


@pytest.mark.parametrize("name", [name for name in NEURONS if "clock" not in name])
def test_states_of_every_step(name, runs):
    for reset, dtype in itertools.product(RESETS.values(), DTYPES):
        sj_compare(NEURONS[name](store_v_seq=True, **reset), dtype, counts=(3,), odd=(False,))
    assert len(runs) == 4 * len(RESETS) * len(DTYPES)


@pytest.mark.parametrize("kind", ["ATan", "Erf", "PiecewiseQuadratic"])
@pytest.mark.parametrize("name", NEURONS)
def test_surrogates(name, kind, runs):
    sj_compare(NEURONS[name](surrogate_function=getattr(surrogate, kind)()), torch.float32, counts=(3,))
    assert runs


@pytest.mark.parametrize("name", [*LINEAR, *NEURONS])
def test_learned_thresholds(name, runs):
    for reset, dtype in itertools.product(RESETS.values(), DTYPES):
        node = {**LINEAR, **NEURONS}[name](**reset)
        kind = torch.float64 if dtype == torch.bfloat16 else torch.float32
        sj_compare(node, dtype, (3,), (False,), threshold=torch.tensor(0.7, dtype=kind))
    assert any("threshold" in plan.more for plan in runs)


@pytest.mark.parametrize("only", [(0, 1), (2,), (3,)], ids=["s", "v", "v_seq"])
@pytest.mark.parametrize("name", [*LINEAR, *NEURONS])
def test_learned_thresholds_by_one_output(name, only, runs):
    for reset in RESETS.values():
        node = {**LINEAR, **NEURONS}[name](**reset)
        if hasattr(node, "store_v_seq"):
            node.store_v_seq = 3 in only
        sj_compare(node, torch.float32, (1, 3), (False,), threshold=torch.tensor(0.7), only=only)
    assert any("threshold" in plan.more for plan in runs)


@pytest.mark.parametrize("name", ["IF", "LIF", "PLIF"])
def test_learned_thresholds_in_eval_and_alone(name, runs):
    for reset, dtype in itertools.product(RESETS.values(), DTYPES[:3]):
        node = LINEAR[name](**reset)
        given = {"odd": (False,), "threshold": torch.tensor(0.7)}
        sj_compare(node, dtype, (3,), x_learns=False, **given)
        sj_compare(node.eval(), dtype, (3,), **given)
        sj_compare(node, dtype, (1,), x_learns=False, **given)
    assert any("threshold" in plan.more for plan in runs)


def test_thresholds_with_dimensions_run_in_the_loop(runs):
    node = neuron.LIFNode(step_mode="m")
    node.v_threshold = torch.ones(37, requires_grad=True)
    node(torch.rand(3, 2, 37))
    node.v_threshold = torch.ones((), dtype=torch.float64, requires_grad=True)
    node.reset()
    node(torch.rand(3))
    assert not runs


def test_sums_over_permuted_inputs_run_in_the_loop(runs):
    for kind in (neuron.KLIFNode, neuron.ParametricLIFNode):
        x = torch.rand(4, 33, 65).transpose(1, 2)
        gradients = []
        for engine in ("reference", "fused"):
            node = kind(step_mode="m")
            with engines.engine(engine):
                node(x).square().sum().backward()
            gradients += [parameter.grad for parameter in node.parameters()]
        assert not differences(gradients[:1], gradients[1:])
    assert not runs
    neuron.LIFNode(step_mode="m")(x)
    assert len(runs) == 1


def test_a_learned_threshold_may_change_before_the_backward_pass(runs):
    x = torch.rand(3, 40, requires_grad=True)
    gradients = []
    for engine in ("reference", "fused"):
        node = neuron.IFNode(step_mode="m")
        node.v_threshold = torch.tensor(0.8, requires_grad=True)
        with engines.engine(engine):
            y = node(x)
        node.v_threshold.data.mul_(2)
        gradients.append(torch.autograd.grad(y.sum(), (x, node.v_threshold)))
    assert not differences(*gradients)
    assert len(runs) == 1


@pytest.mark.parametrize("name", [*LINEAR, *NEURONS])
def test_gradients_of_states_alone(name, runs):
    for reset, dtype in itertools.product(RESETS.values(), DTYPES[:2]):
        sj_compare({**LINEAR, **NEURONS}[name](**reset), dtype, (3,), only=(2, 3))
    assert runs


class Steeper(neuron.QIFNode):
    """Charges in its own way."""

    def neuronal_charge(self, x):
        super().neuronal_charge(2 * x)


def test_subclasses_run_their_own_code(runs):
    for node in (
        Steeper(step_mode="m"),
        type("Fired", (neuron.KLIFNode,), {"neuronal_fire": lambda self: self.v})(step_mode="m"),
        type("Other", (clock_driven.MultiStepEIFNode,), {"neuronal_reset": lambda self, s: None})(),
    ):
        node(torch.rand(3, 4))
        assert not runs
