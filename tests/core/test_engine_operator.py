"""The engine as an operator of torch: compiled, exported, checkpointed, under autocast: the loop's bits."""

from __future__ import annotations

import io

import pytest
import torch
from functorch.compile import make_boxed_func
from torch import nn
from torch._dynamo.backends.common import aot_autograd
from torch.utils.checkpoint import checkpoint

from unisnn.braincog.base.node import node as braincog
from unisnn.core import engines
from unisnn.core.engines import library, operator
from unisnn.core.surrogate import Family
from unisnn.snngrow.base import neuron as snngrow
from unisnn.spikingjelly.activation_based import functional, layer, neuron, surrogate
from unisnn.spikingjelly.clock_driven import neuron as clock_driven

OP = torch.ops.unisnn.multi_step.default
FORWARD = torch.ops.unisnn.multi_step_forward.default
BACKWARD = torch.ops.unisnn.multi_step_backward.default
NEURONS = {
    "IF": lambda: neuron.IFNode(step_mode="m", detach_reset=True),
    "LIF": lambda: neuron.LIFNode(tau=3.0, step_mode="m", surrogate_function=surrogate.ATan()),
    "LIF to": lambda: neuron.LIFNode(tau=1.7, decay_input=False, v_reset=-0.3, step_mode="m"),
    "LIF soft": lambda: neuron.LIFNode(v_reset=None, v_threshold=0.7, step_mode="m", store_v_seq=True),
    "PLIF": lambda: neuron.ParametricLIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
    "PLIF soft": lambda: neuron.ParametricLIFNode(decay_input=False, v_reset=None, step_mode="m"),
    "KLIF": lambda: neuron.KLIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
    "QIF": lambda: neuron.QIFNode(step_mode="m"),
    "EIF": lambda: neuron.EIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
    "series": lambda: neuron.LIFNode(
        step_mode="m", surrogate_function=surrogate.SquarewaveFourierSeries(n=3, T_period=7.0)
    ),
    "clock LIF": lambda: clock_driven.MultiStepLIFNode(tau=3.0),
    "snngrow LIF": lambda: snngrow.LIFNode(tau=3.0, parallel_optim=True, T=4),
}
pytestmark = pytest.mark.filterwarnings(  # torch's own, of its tracers
    "ignore:.*should not be instantiated:DeprecationWarning",
    "ignore:.*The .grad attribute of a Tensor that is not a leaf:UserWarning",
    "ignore:.*were assigned during export:UserWarning",
    "ignore:.*LeafSpec.* is deprecated:FutureWarning",
    "ignore:.*we found certain side effects happened:UserWarning",
    "ignore:.*torch.jit.*is deprecated:DeprecationWarning",
)


@pytest.fixture(autouse=True)
def fresh():
    """Forget what was compiled before."""
    torch._dynamo.reset()


class Graphs:
    """A backend that keeps the graphs, forward and backward, after functionalisation."""

    def __init__(self) -> None:
        self.forward: list[torch.fx.GraphModule] = []
        self.backward: list[torch.fx.GraphModule] = []

    def backend(self):
        return aot_autograd(fw_compiler=self._keep(self.forward), bw_compiler=self._keep(self.backward))

    @staticmethod
    def _keep(graphs):
        def keep(module, inputs):
            graphs.append(module)
            return make_boxed_func(module.forward)

        return keep


def calls(graphs):
    """Return the engine's operators in the graphs, and how many other operations with numbers there are."""
    targets = [node.target for graph in graphs for node in graph.graph.nodes if node.op == "call_function"]
    return [target for target in targets if target in (OP, FORWARD, BACKWARD)], targets


def sequence(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 1.5 + 0.4


def run(node, call, x):
    """Return outputs, states and gradients of two calls, the second going on from the first.

    Of one call where a number is learned: a compiled program sums the gradients of each call by itself.
    """
    node.zero_grad()
    functional.reset_net(node)
    x = x.clone().requires_grad_()
    first = call(x)
    learns = any(p.dim() == 0 for p in node.parameters())
    second = first if learns else call(x * 0.5)
    states = [m.v for m in node.modules() if hasattr(m, "v")]
    outputs = [first, *states] if learns else [first, second, *states]
    kept = [y for y in outputs if y.requires_grad]
    weights = [torch.linspace(-1, 2, y.numel(), dtype=y.dtype).view_as(y) for y in kept]
    torch.autograd.backward(kept, weights)
    return [y.detach() for y in outputs] + [x.grad, *(p.grad for p in node.parameters())]


def same(one, other):
    assert len(one) == len(other)
    return [a is b if a is None or b is None else torch.equal(a, b) for a, b in zip(one, other, strict=True)]


def looped(node, x):
    with engines.engine("reference"):
        return run(node, node, x)


@pytest.mark.parametrize("name", NEURONS)
def test_a_compiled_neuron_is_one_operator_each_way(name):
    node, graphs = NEURONS[name](), Graphs()
    x = sequence(4, 3, 5)
    x = x.flatten(0, 1) if name.startswith("snngrow") else x
    expected = looped(node, x)
    compiled = torch.compile(node, backend=graphs.backend(), fullgraph=True)
    assert all(same(run(node, compiled, x), expected))
    for forward in graphs.forward:
        assert calls([forward])[0] == [FORWARD]
        assert len(calls([forward])[1]) < 20
    for backward in graphs.backward:
        assert calls([backward])[0] == [BACKWARD]


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_a_compiled_net(training):
    net = small_net().train(training)
    x = sequence(4, 2, 2, 6, 6)
    expected = looped(net, x)
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    assert all(same(run(net, compiled, x), expected))


def small_net():
    torch.manual_seed(3)
    return nn.Sequential(
        layer.Conv2d(2, 4, 3, padding=1, step_mode="m"),
        neuron.LIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
        layer.Conv2d(4, 3, 3, step_mode="m"),
        neuron.ParametricLIFNode(step_mode="m", surrogate_function=surrogate.ATan()),
    )


def test_without_gradient_nothing_is_kept():
    node, graphs = neuron.LIFNode(step_mode="m"), Graphs()
    compiled = torch.compile(node, backend=graphs.backend(), fullgraph=True)
    x = sequence(4, 3, 5)
    with torch.no_grad():
        assert torch.equal(compiled(x), looped(node, x)[0])
    assert calls(graphs.forward)[0] == [OP]


def test_a_learned_threshold():
    node = neuron.IFNode(step_mode="m", v_reset=None, surrogate_function=surrogate.ATan())
    node.v_threshold = nn.Parameter(torch.tensor(0.8))
    x, graphs = sequence(4, 3, 5), Graphs()
    expected = looped(node, x)
    compiled = torch.compile(node, backend=graphs.backend(), fullgraph=True)
    found = run(node, compiled, x)
    assert found[-1] is not None
    assert all(same(found, expected))
    assert calls(graphs.backward)[0] == [BACKWARD]


def test_a_learned_alpha():
    node, graphs = braincog.PLIFNode(layer_by_layer=True, step=4), Graphs()
    x = sequence(8, 6)
    results = []
    for name, call in (("reference", node), ("auto", torch.compile(node, backend=graphs.backend()))):
        node.n_reset()
        node.zero_grad()
        with engines.engine(name):
            y = call(x)
            y.sum().backward()
        results.append([y.detach(), *(p.grad for p in node.parameters())])
    assert all(same(*results))
    assert calls(graphs.forward + graphs.backward)[0] == [FORWARD, BACKWARD]


def test_one_compilation_for_many_shapes():
    node, graphs = neuron.LIFNode(step_mode="m"), Graphs()
    compiled = torch.compile(node, backend=graphs.backend(), fullgraph=True, dynamic=True)
    for shape in ((4, 2, 3), (5, 6, 7), (8, 3, 9)):
        functional.reset_net(node)
        y = compiled(sequence(*shape).requires_grad_())
        assert torch.equal(y, looped(node, sequence(*shape))[0])
    assert len(graphs.forward) == 1


def test_a_changed_constant_is_seen():
    node = neuron.LIFNode(step_mode="m")
    compiled = torch.compile(node, backend="aot_eager", fullgraph=True)
    x = sequence(4, 3, 5)
    for node.v_threshold, node.tau in ((1.0, 2.0), (0.7, 2.0), (0.6, 3.0)):
        assert all(same(run(node, compiled, x), looped(node, x)))


def test_a_compiled_program_follows_the_choice_of_engine():
    node, graphs = neuron.LIFNode(step_mode="m"), Graphs()
    compiled = torch.compile(node, backend=graphs.backend(), fullgraph=True)
    x = sequence(3, 3, 5)
    expected = looped(node, x)[0]

    def engine_calls(name):
        functional.reset_net(node)
        before = len(graphs.forward)
        with engines.engine(name), torch.no_grad():
            assert torch.equal(compiled(x), expected)
        return len(calls(graphs.forward[before:])[0]), len(graphs.forward) - before

    assert engine_calls("fused") == (1, 1)
    assert engine_calls("reference") == (0, 1)
    assert engine_calls("fused") == (0, 0)

    def both(x):
        with engines.engine("reference"):
            y = node(x)
        functional.reset_net(node)
        with engines.engine("fused"):
            return y, node(x)

    functional.reset_net(node)
    graphs.forward.clear()
    with torch.no_grad():
        one, other = torch.compile(both, backend=graphs.backend(), fullgraph=True)(x)
    assert torch.equal(one, expected)
    assert torch.equal(other, expected)
    assert calls(graphs.forward)[0] == [OP]


class Louder(neuron.LIFNode):
    """Changes the charge."""

    def neuronal_charge(self, x):
        self.v = self.v + 2 * x


def test_what_the_operator_cannot_express_is_traced_as_a_loop():
    own = Family("own atan", ("alpha",), surrogate.ATan._family.gradient, None, "", "")
    plan = neuron.LIFNode(step_mode="m")._plan()
    assert library.covers(plan)
    assert not library.covers(plan._replace(family=own))
    assert not library.covers(plan._replace(parameters=(torch.ones(1),)))
    node, graphs = Louder(step_mode="m"), Graphs()
    compiled = torch.compile(node, backend=graphs.backend(), fullgraph=True)
    x = sequence(3, 3, 5)
    assert all(same(run(node, compiled, x), looped(node, x)))
    assert calls(graphs.forward + graphs.backward)[0] == []


def test_inductor():
    node = neuron.LIFNode(step_mode="m")
    compiled = torch.compile(node, fullgraph=True)
    x = sequence(4, 3, 5)
    expected = looped(node, x)[0]
    functional.reset_net(node)
    with torch.no_grad():
        assert torch.equal(compiled(x), expected)


@pytest.mark.parametrize("strict", [False, True], ids=["by running", "by tracing"])
def test_export(strict):
    net, x = small_net(), sequence(4, 2, 2, 6, 6)
    expected = looped(net, x)
    functional.reset_net(net)
    program = torch.export.export(net, (x,), strict=strict)
    assert calls([program.graph_module])[0] == [OP, OP]
    assert all(m.v == 0.0 for m in net.modules() if hasattr(m, "v"))
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    for version in (program, torch.export.load(file), program.run_decompositions()):
        assert calls([version.graph_module])[0] == [OP, OP]
        assert torch.equal(version.module()(x), expected[0])
    module, given = program.module(), x.clone().requires_grad_()
    functional.reset_net(net)
    net.zero_grad()
    own = x.clone().requires_grad_()
    net(own).sum().backward()
    module(given).sum().backward()
    assert torch.equal(given.grad, own.grad)
    parameters = zip(module.parameters(), net.parameters(), strict=True)
    assert all(torch.equal(one.grad, other.grad) for one, other in parameters)


def test_export_for_any_number_of_steps():
    net = small_net().eval()
    shapes = {0: torch.export.Dim("T", min=2, max=64), 1: torch.export.Dim("N", min=2)}
    with torch.no_grad():  # a gradient of w is a sum over a number of steps that has to be known
        program = torch.export.export(net, (sequence(4, 3, 2, 6, 6),), dynamic_shapes=(shapes,))
    for steps, batch in ((4, 2), (7, 5)):
        functional.reset_net(net)
        x = sequence(steps, batch, 2, 6, 6)
        assert torch.equal(program.module()(x), net(x))


def given(**changes):
    plan = neuron.LIFNode(step_mode="m", surrogate_function=surrogate.ATan())._plan()
    return (*library._flat(plan._replace(**changes)), "auto")


def test_torch_accepts_the_operators():
    x, v = sequence(3, 2, 5), sequence(2, 5, seed=1)
    q, threshold = torch.tensor(0.4), torch.tensor(0.8)
    learns = {"charge": "charge_plif", "constants": ()}
    soft = {**learns, "reset": "soft", "more": ("threshold",), "states": "last"}
    leaf = [tensor.clone().requires_grad_() for tensor in (x, v, q, threshold)]
    samples = [
        (OP, (x, v, None, [], *given())),
        (OP, (*leaf[:2], None, [], *given(states="first"))),
        (OP, (*leaf[:3], leaf[3:], *given(**soft))),
        (FORWARD, (x, v, q, [threshold], *given(**soft))),
        (BACKWARD, (x, None, None, None, x, None, None, None, [], [], False, *given())),
        (BACKWARD, (x, v, x, None, x, x, v, q, [threshold], ["threshold"], True, *given(**soft))),
        (BACKWARD, (None, v, None, None, x, x, v, q, [], [], True, *given(**learns))),
    ]
    for op, arguments in samples:
        results = torch.library.opcheck(op, arguments)
        assert set(results.values()) == {"SUCCESS"}


def test_the_operator_has_no_second_derivative():
    x = sequence(3, 2, 5).requires_grad_()
    s, *_ = OP(x, torch.zeros(2, 5), None, [], *given())
    (gradient,) = torch.autograd.grad(s.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="engine\\('reference'\\)"):
        gradient.sum().backward()


def test_a_use_that_the_loss_does_not_depend_on_changes_no_sum():
    """The gradient of a soft reset's threshold has fewer terms where the last state is not in the loss."""
    plan = neuron.IFNode(step_mode="m", v_reset=None, surrogate_function=surrogate.ATan())._plan()
    plan = plan._replace(more=("threshold",))
    x = sequence(4, 2, 5)

    def gradient(call):
        threshold = torch.tensor(0.8, requires_grad=True)
        call(threshold)[0].sum().backward()
        return threshold.grad

    v = torch.zeros(2, 5)
    direct = gradient(lambda t: operator.multi_step(plan, x, v, None, more=(t,)))
    assert torch.equal(gradient(lambda t: library.multi_step(plan, x, v, None, "fused", (t,))), direct)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
def test_autocast(compiled):
    net = nn.Sequential(
        nn.Linear(5, 8),
        neuron.LIFNode(step_mode="m"),
        nn.Linear(8, 4),
        neuron.ParametricLIFNode(step_mode="m"),
    )

    def mixed(x):
        with torch.autocast("cpu", torch.bfloat16):
            return net(x)

    x = sequence(4, 3, 5)
    with engines.engine("reference"):
        expected = run(net, mixed, x)
    call = torch.compile(mixed, backend="aot_eager", fullgraph=True) if compiled else mixed
    assert all(same(run(net, call, x), expected))
    assert expected[0].dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("reentrant", "compiled"),
    [(False, False), (True, False), (False, True)],
    ids=["hooks", "reentrant", "compiled"],
)
def test_activation_checkpointing(reentrant, compiled):
    """The part that is taken again begins with a reset: its state is no input of it."""
    net, called = small_net(), []

    def part(x):
        functional.reset_net(net)
        return net(x)

    compiled_part = torch.compile(part, backend="aot_eager", fullgraph=True) if compiled else part

    def counted(x):
        called.append(1)
        return compiled_part(x)

    def gradients(call, engine):
        net.zero_grad()
        x = sequence(4, 2, 2, 6, 6).requires_grad_()
        with engines.engine(engine):
            y = call(x)
            (y + y.square()).sum().backward()
        return [y.detach(), x.grad, *(p.grad for p in net.parameters())]

    expected = gradients(part, "reference")
    found = gradients(lambda x: checkpoint(counted, x, use_reentrant=reentrant), "auto")
    assert len(called) == 2
    assert all(same(found, expected))


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize(("kind", "times"), [("LIFNode", 1), ("ParametricLIFNode", 2)])
def test_what_is_saved_for_the_backward_pass(kind, times, compiled):
    """The charged potential; where w learns the inputs too, which are there anyway."""
    node = getattr(neuron, kind)(step_mode="m")
    call = torch.compile(node, backend="aot_eager", fullgraph=True) if compiled else node
    x = sequence(64, 8, 16).requires_grad_()
    storages = {}

    def pack(tensor):
        storages[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y = call(x)
    assert times <= sum(storages.values()) / (x.numel() * x.element_size()) < times + 0.05
    y.sum().backward()
    assert x.grad is not None


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_function_transforms_run_the_loop(training, compiled, monkeypatch):
    node = neuron.LIFNode(step_mode="m", surrogate_function=surrogate.ATan()).train(training)
    x = sequence(4, 6, 5)

    def potential(x):
        y = node(x) + node.v
        functional.reset_net(node)  # no state may leave a transform
        return y

    def gradient(x):
        return torch.func.grad(lambda x: potential(x).sum())(x)

    with engines.engine("reference"):
        expected = potential(x)
        own = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(potential(own).sum(), own)
    for module in (operator, library):
        monkeypatch.setattr(module, "multi_step", lambda *given: pytest.fail("the engine was called"))
    if compiled:  # torch compiles no vmap of an autograd function
        assert torch.equal(torch.compile(gradient, backend="aot_eager", fullgraph=True)(x), slope)
        return
    assert torch.equal(gradient(x), slope)
    assert torch.equal(torch.vmap(potential, in_dims=1, out_dims=1)(x), expected)
    assert torch.equal(torch.vmap(gradient, in_dims=1, out_dims=1)(x), slope)
