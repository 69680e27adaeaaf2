"""The engine as an operator of torch, for a neuron with an adaptation current: the loop's bits."""

from __future__ import annotations

import io

import pytest
import torch
from functorch.compile import make_boxed_func
from torch import nn
from torch._dynamo.backends.common import aot_autograd

from unisnn.core import engines
from unisnn.core.engines import library
from unisnn.spikingjelly.activation_based import functional, neuron, surrogate

OP = torch.ops.unisnn.multi_step.default
FORWARD = torch.ops.unisnn.multi_step_forward.default
BACKWARD = torch.ops.unisnn.multi_step_backward.default
RESETS = {
    "hard": {"v_reset": -0.3},
    "hard detached": {"v_reset": 0.2, "detach_reset": True},
    "soft": {"v_reset": None, "store_v_seq": True},
}
pytestmark = pytest.mark.filterwarnings(  # torch's own, of its tracers
    "ignore:.*should not be instantiated:DeprecationWarning",
    "ignore:.*The .grad attribute of a Tensor that is not a leaf:UserWarning",
    "ignore:.*were assigned during export:UserWarning",
    "ignore:.*LeafSpec.* is deprecated:FutureWarning",
)


@pytest.fixture(autouse=True)
def fresh():
    """Forget what was compiled before."""
    torch._dynamo.reset()


def made(reset):
    constants = {"a": 0.3, "b": 0.2, "w_rest": 0.1, "tau_w": 1.7}
    return neuron.IzhikevichNode(
        step_mode="m", surrogate_function=surrogate.ATan(), **constants, **RESETS[reset]
    )


def sequence(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 1.5 + 0.4


def run(node, call, x, learned=None):
    """Return outputs, both states and gradients of two calls, from a state that learns."""
    functional.reset_net(node)
    x, v, w = (tensor.clone().requires_grad_() for tensor in (x, x[0] / 2, x[-1] / 3))
    node.v, node.w = v, w
    if learned is not None:
        learned.grad = None
    outputs = [call(x), call(x * 0.5), node.v, node.w]
    outputs += [node.v_seq] if node.store_v_seq else []
    weights = [torch.linspace(-1, 2, y.numel()).view_as(y) for y in outputs]
    torch.autograd.backward(outputs, weights)
    leaves = [x, v, w] if learned is None else [x, v, w, learned]
    return [y.detach() for y in outputs] + [leaf.grad for leaf in leaves]


def looped(node, x, learned=None):
    with engines.engine("reference"):
        return run(node, node, x, learned)


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("reset", RESETS)
def test_a_compiled_neuron_is_one_operator_each_way(reset):
    forward, backward = [], []

    def keep(graphs):
        return lambda module, inputs: graphs.append(module) or make_boxed_func(module.forward)

    backend = aot_autograd(fw_compiler=keep(forward), bw_compiler=keep(backward))
    node, x = made(reset), sequence(4, 3, 5)
    expected = looped(node, x)
    compiled = torch.compile(node, backend=backend, fullgraph=True)
    assert same(run(node, compiled, x), expected)
    for graphs, target in ((forward, FORWARD), (backward, BACKWARD)):
        assert graphs
        for graph in graphs:
            targets = [step.target for step in graph.graph.nodes]
            assert [found for found in targets if found in (OP, FORWARD, BACKWARD)] == [target]


def test_a_compiled_neuron_with_a_learned_threshold():
    """Its gradient is a sum over two calls, whose last bit may differ: each call is summed by itself."""
    node, x = made("soft"), sequence(4, 3, 5)
    node.v_threshold = nn.Parameter(torch.tensor(0.8))
    compiled = torch.compile(node, backend="aot_eager", fullgraph=True)
    with engines.engine("fused"):
        found = run(node, compiled, x, node.v_threshold)
    *expected, threshold = looped(node, x, node.v_threshold)
    assert same(found[:-1], expected)
    torch.testing.assert_close(found[-1], threshold)


def test_export():
    node, x = made("hard detached"), sequence(4, 3, 5)
    expected = node(x)
    functional.reset_net(node)
    file = io.BytesIO()
    torch.export.save(torch.export.export(node, (x,)), file)
    file.seek(0)
    program = torch.export.load(file)
    assert OP in [step.target for step in program.graph.nodes]
    assert torch.equal(program.module()(x), expected)


def test_torch_accepts_the_operators():
    x, v, w, threshold = sequence(3, 2, 5), sequence(2, 5), sequence(2, 5, seed=1), torch.tensor(0.8)
    permuted = w.t().contiguous().t()
    leaves = [tensor.clone().requires_grad_() for tensor in (x, v, threshold, permuted)]
    plan = made("hard detached")._plan()
    more = plan._replace(more=("threshold", "current"))
    plain, named = ((*library._flat(given), "auto") for given in (plan, more))
    samples = [
        (OP, (x, v, None, [w], *plain)),
        (OP, (*leaves[:2], None, leaves[3:], *plain)),
        (OP, (*leaves[:2], None, leaves[2:], *named)),
        (FORWARD, (x, v, None, [permuted], *plain)),
        (BACKWARD, (None, None, None, w, x, None, v, None, [], ["current"], True, *plain)),
        (
            BACKWARD,
            (x, v, None, None, x, None, v, None, [threshold], ["threshold", "current"], False, *named),
        ),
    ]
    for op, arguments in samples:
        assert set(torch.library.opcheck(op, arguments).values()) == {"SUCCESS"}
