"""KLIF, QIF, EIF, Izhikevich, LIAF: against plain loops, in both step modes, and what they refuse."""

import copy
import math
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from unisnn.spikingjelly.activation_based import functional, neuron, surrogate

STEPS = [[0.4, 1.1, -0.3], [0.9, 0.25, 1.6], [1.3, 0.7, 0.55], [1.2, -0.6, 2.8], [0.05, 1.95, 1.3]]
NODES: list[tuple[type[neuron.BaseNode], dict[str, Any]]] = [
    (neuron.KLIFNode, {"scale_reset": True, "v_reset": 0.2}),
    (neuron.QIFNode, {"tau": 1.7}),
    (neuron.EIFNode, {"delta_T": 0.4}),
    (neuron.IzhikevichNode, {"a": 0.3, "b": 0.2, "tau_w": 1.7}),
]


def inputs() -> Tensor:
    return torch.tensor(STEPS, dtype=torch.float64)


def played(charge: Any, v: float, soft: bool, v_reset: float, x: list[float]) -> tuple[list[int], float]:
    """Return spikes and last membrane potential of one neuron, in Python's floats."""
    spikes = []
    for value in x:
        h = charge(v, value)
        spikes.append(int(h >= 1.0))
        v = h - spikes[-1] if soft else (v_reset if spikes[-1] else h)
    return spikes, v


@pytest.mark.parametrize("soft", [False, True])
def test_quadratic_and_exponential_against_plain_loops(soft: bool) -> None:
    reset = None if soft else -0.1
    start = 0.0 if soft else -0.1
    x = inputs()

    def quadratic(v: float, x: float) -> float:
        return v + (x + 0.7 * (v - 0.1) * (v - 0.6)) / 1.7

    def exponential(v: float, x: float) -> float:
        return v + (x + 0.1 - v + 0.4 * math.exp((v - 0.6) / 0.4)) / 1.7

    qif = neuron.QIFNode(1.7, 0.6, 0.7, v_rest=0.1, v_reset=reset, step_mode="m")
    eif = neuron.EIFNode(1.7, 0.4, 0.6, v_rest=0.1, v_reset=reset, step_mode="m")
    for node, charge in ((qif, quadratic), (eif, exponential)):
        spikes = node(x)
        for column in range(3):
            expected, v = played(charge, start, soft, -0.1, x[:, column].tolist())
            assert spikes[:, column].tolist() == expected
            assert float(node.v[column]) == pytest.approx(v, abs=1e-12)
    assert 0 < float(qif(x).sum()) < x.numel()


def test_izhikevich_adapts() -> None:
    node = neuron.IzhikevichNode(a=0.3, b=0.2, w_rest=0.1, tau_w=1.7)
    v, w = 0.0, 0.1
    for x in inputs()[:, 1]:
        spike = node(x.reshape(1))
        h = v + (float(x) + (v + 0.1) * (v - 0.8) - w) / 2.0
        w = w + (0.3 * (h + 0.1) - w) / 1.7
        s = float(h >= 1.0)
        v, w = (1 - s) * h, w + 0.2 * s
        assert float(spike) == s
        assert node.v.item() == pytest.approx(v, abs=1e-12)
        assert float(node.w) == pytest.approx(w, abs=1e-12)
    assert dict(node.named_memories()).keys() == {"v", "w"}
    node.reset()
    assert (node.v, node.w) == (0.0, 0.1)


def test_klif_scales_and_takes_the_scale_back() -> None:
    x = inputs()[:, 0]
    for scale_reset in (False, True):
        for v_reset in (0.2, None):
            node = neuron.KLIFNode(scale_reset, tau=1.7, v_reset=v_reset)
            node.k.data.fill_(1.3)
            k, rest, v = node.k.item(), v_reset or 0.0, v_reset or 0.0
            for value in x:
                spike = node(value.reshape(1)).item()
                h = max(0.0, k * (v + (float(value) - (v - rest)) / 1.7))
                assert spike == float(h >= 1.0)
                if v_reset is None:
                    v = (h - spike) / (k if scale_reset else 1.0)
                else:
                    v = rest if spike else h / (k if scale_reset else 1.0)
                assert node.v.item() == pytest.approx(v, abs=1e-12)
    node.reset()
    node(inputs()).sum().backward()
    assert node.k.grad is not None
    assert node.state_dict().keys() == {"k"}


@pytest.mark.parametrize("related", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_liaf_gives_activations_in_both_step_modes(related: bool, training: bool) -> None:
    x = inputs()
    lif = neuron.LIFNode(1.7, v_reset=None)
    node = neuron.LIAFNode(torch.tanh, related, 1.7, v_reset=None).train(training)
    many = neuron.LIAFNode(torch.tanh, related, 1.7, v_reset=None, step_mode="m").train(training)
    outputs = []
    for step in x:
        h = (lif.v if isinstance(lif.v, Tensor) else torch.zeros(3, dtype=x.dtype)) * 1.0
        h = h + (step - h) / 1.7
        spike = lif(step)
        y = node(step)
        assert torch.equal(y, torch.tanh(h - 1.0 if related else h))
        assert torch.equal(node.v, lif.v)
        assert not torch.equal(y, spike)
        outputs.append(y)
    assert torch.equal(many(x), torch.stack(outputs))
    leaf = x.clone().requires_grad_()
    node.reset()
    node(leaf[0]).sum().backward()
    assert leaf.grad is not None
    assert float(leaf.grad[0].abs().sum()) > 0
    assert node.__describe__().activation == "tanh"
    node.act = lambda value: value * 2
    with pytest.raises(TypeError, match="no neutral description"):
        node.__describe__()
    assert node.supported_backends == ("torch",)


@pytest.mark.parametrize(("kind", "kwargs"), NODES)
def test_both_step_modes_agree(kind: type[neuron.BaseNode], kwargs: dict[str, Any]) -> None:
    x = inputs().to(torch.float32)
    single, many = kind(**kwargs), kind(**kwargs, step_mode="m", store_v_seq=True)
    a, b = x.clone().requires_grad_(), x.clone().requires_grad_()
    one = torch.stack([single(step) for step in a])
    whole = many(b)
    one.square().sum().backward()
    whole.square().sum().backward()
    assert torch.equal(one, whole)
    assert torch.equal(single.v, many.v)
    assert a.grad is not None
    assert b.grad is not None
    assert torch.equal(a.grad, b.grad)
    assert many.v_seq is not None
    assert torch.equal(many.v_seq[-1], many.v)
    many.eval()
    functional.reset_net(many)
    assert torch.equal(many(x), whole)


@pytest.mark.parametrize(("kind", "kwargs"), NODES)
def test_copies_and_pickles(kind: type[neuron.BaseNode], kwargs: dict[str, Any]) -> None:
    node = kind(**kwargs)
    with torch.no_grad():
        node(inputs()[0])
    for copied in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        assert torch.equal(copied.v, node.v)
        assert type(copied) is kind
    assert kind.__module__ == neuron.__name__
    assert repr(node).count("step_mode=s, backend=torch") == 1


@pytest.mark.parametrize("detach", [False, True])
def test_detached_reset_of_an_adaptive_neuron_keeps_the_jump(detach: bool) -> None:
    node = neuron.IzhikevichNode(
        b=0.5, v_reset=None, detach_reset=detach, surrogate_function=surrogate.ATan()
    )
    x = torch.tensor([2.5], requires_grad=True)
    node(x)
    (jump,) = torch.autograd.grad(node.w.sum(), x, retain_graph=True)
    assert float(jump) > 0
    (through,) = torch.autograd.grad(node.v.sum(), x)
    assert (float(through) == pytest.approx(0.5)) is detach


@pytest.mark.parametrize(
    ("kind", "kwargs", "words"),
    [
        (neuron.KLIFNode, {"tau": 1.0}, "KLIFNode: tau=1.0 .* greater than 1.0"),
        (neuron.QIFNode, {"a0": 0.0}, "QIFNode: a0=0.0"),
        (neuron.QIFNode, {"v_reset": 1.5}, "QIFNode: v_threshold=1.0 .* more than v_reset=1.5"),
        (neuron.EIFNode, {"delta_T": 0.0}, "EIFNode: delta_T=0.0"),
        (neuron.EIFNode, {"v_rest": -0.5}, "EIFNode: v_rest=-0.5 .* at least v_reset=-0.1"),
        (neuron.IzhikevichNode, {"b": 1}, "IzhikevichNode: b=1 .* a float"),
        (neuron.AdaptBaseNode, {"w_rest": 1}, "AdaptBaseNode: w_rest=1"),
    ],
)
def test_wrong_arguments_are_named(kind: Any, kwargs: dict[str, Any], words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        kind(**kwargs)


def test_adapt_base_node_is_a_frame() -> None:
    with pytest.raises(NotImplementedError, match="neuronal_charge"):
        neuron.AdaptBaseNode()(torch.ones(2))
    with pytest.raises(NotImplementedError, match="backend"):
        neuron.IzhikevichNode(backend="cupy")
    assert neuron.IzhikevichNode(backend="cupy", step_mode="m").backend == "cupy"
