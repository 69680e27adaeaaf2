"""Qualia's IFSRL and ATIF: equations, the drawn threshold, gradients, reset, coefficients, errors."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import pytest
import torch
from torch import nn

from unisnn.core.spec import NeuronSpec, ResetSpec, SurrogateSpec
from unisnn.qualia_plugin_snn.learningmodel.pytorch.layers import CustomNode
from unisnn.qualia_plugin_snn.learningmodel.pytorch.layers.CustomNode import (
    ATIF,
    IFSRL,
    SpikeFunctionSigmoid,
    heaviside,
)
from unisnn.spikingjelly.activation_based import base, functional, neuron

NODES = [IFSRL, ATIF]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
DEFAULTS = {"v_threshold": 1.0, "vth_init_l": 0.8, "vth_init_h": 1.0, "alpha": 1.0, "device": "cpu"}


def with_threshold(kind, value, **arguments):
    node = kind(**arguments)
    node.set_coeffs(torch.tensor([value]))
    return node


def test_names_and_signatures():
    assert set(CustomNode.__all__) == {"ATIF", "IFSRL", "SpikeFunctionSigmoid", "heaviside"}
    for kind in NODES:
        parameters = inspect.signature(kind).parameters
        assert {name: parameter.default for name, parameter in parameters.items()} == DEFAULTS
    assert issubclass(ATIF, neuron.BaseNode)
    assert issubclass(ATIF, base.MemoryModule)
    assert issubclass(IFSRL, nn.Module)


@pytest.mark.parametrize("kind", NODES)
def test_the_drawn_threshold(kind):
    torch.manual_seed(3)
    node = kind()
    threshold = node.get_coeffs()
    assert isinstance(threshold, nn.Parameter)
    assert threshold.shape == (1,)
    assert threshold.item().hex() == "0x1.9a095e0000000p-1"  # one draw from torch's generator
    after = torch.rand(1)
    torch.manual_seed(3)
    torch.empty(1).uniform_(0.8, 1.0)
    assert torch.equal(after, torch.rand(1))
    drawn = [kind(v_threshold=2.0).get_coeffs().item() for _ in range(50)]
    assert 1.6 <= min(drawn) < max(drawn) <= 2.0
    name = "vp_th" if kind is IFSRL else "v_threshold"
    assert list(node.state_dict()) == [name]
    assert getattr(node, name) is threshold
    assert node.v.tolist() == [0.0]


@pytest.mark.parametrize("kind", NODES)
def test_recurrence(kind):
    c, v = 0.75, 0.0
    node = with_threshold(kind, c)
    scale = c if kind is ATIF else 1.0
    fired = 0
    for x in (0.25, 0.5, 0.25, 2.0, -1.0, 0.5, 0.0, 0.125):
        h = v + x
        z = float(h >= c)
        v = h - z * c
        out = node(torch.tensor([[x]]))
        assert (out.item(), node.v.item()) == (z * scale, v)
        assert out.dtype == torch.float32
        fired += z
    assert fired == 3  # the first of them exactly at the threshold


@pytest.mark.parametrize("kind", NODES)
def test_gradients(kind):
    c, alpha = 0.75, 4.0
    node = with_threshold(kind, c, alpha=alpha)
    x = torch.tensor([0.5, 1.0], requires_grad=True)
    out = node(x)
    weight = torch.tensor([2.0, 3.0])
    (out * weight).sum().backward()
    s = torch.sigmoid(alpha * (x.detach() - c))
    slope = alpha * s * (1 - s)
    scale = c if kind is ATIF else 1.0
    assert torch.allclose(x.grad, weight * scale * slope)
    through_output = 3.0 if kind is ATIF else 0.0  # the second input fired
    expected = -(weight * scale * slope).sum() + through_output
    assert node.get_coeffs().grad.item() == pytest.approx(expected.item())


@pytest.mark.parametrize("kind", NODES)
def test_the_reset_is_differentiated(kind):
    node = with_threshold(kind, 0.75, alpha=4.0)
    x = torch.tensor([1.0], requires_grad=True)
    node(x)
    node.v.sum().backward()
    s = torch.sigmoid(torch.tensor(1.0))
    slope = 4.0 * s * (1 - s)
    assert x.grad.item() == pytest.approx(1 - 0.75 * slope.item())  # v = h - z*c
    assert node.get_coeffs().grad.item() == pytest.approx(-1 + 0.75 * slope.item())


def test_train_and_eval_are_the_same():
    for kind in NODES:
        train, test = with_threshold(kind, 0.9), with_threshold(kind, 0.9).eval()
        for x in torch.rand(5, 4, generator=torch.Generator().manual_seed(0)) * 2:
            assert torch.equal(train(x), test(x))
            assert torch.equal(train.v, test.v)


def test_reset_lets_go_of_the_graph():
    for kind in NODES:
        node = with_threshold(kind, 0.9)
        for _ in range(2):  # upstream's IFSRL fails in the second round
            node(torch.tensor([0.5, 1.2], requires_grad=True)).sum().backward()
            node.reset()
    node = with_threshold(IFSRL, 0.9)
    out = node(torch.tensor([0.5, 1.2]))
    before = node.v
    node.reset()
    assert node.v.tolist() == [0.0, 0.0]  # keeps the shape
    assert not node.v.requires_grad
    assert before.tolist() != [0.0, 0.0]
    out.sum().backward()
    node = with_threshold(ATIF, 0.9)
    node(torch.tensor([0.5, 1.2]))
    functional.reset_net(node)
    assert node.v == 0.0
    assert isinstance(node.v, float)


@pytest.mark.parametrize("kind", NODES)
def test_set_coeffs(kind):
    node = kind()
    parameter = node.get_coeffs()
    node.set_coeffs(torch.tensor([0.5]))  # upstream needs torch.no_grad() here
    assert node.get_coeffs() is parameter
    with torch.no_grad():
        node.set_coeffs(torch.tensor(0.625))
    assert parameter.item() == 0.625
    node.set_coeffs(0.75)
    assert parameter.item() == 0.75
    assert parameter.requires_grad
    assert parameter.is_leaf
    name = "vp_th" if kind is IFSRL else "v_threshold"
    for wrong in (torch.ones(2), torch.ones(1, 1), torch.ones(0)):
        with pytest.raises(RuntimeError, match=rf"{name} of shape .* is not accepted; expected \[1\]"):
            node.set_coeffs(wrong)
    for wrong in ([0.5], "0.5", None):
        with pytest.raises(TypeError, match=rf"{name}=.* is not accepted"):
            node.set_coeffs(wrong)


def test_atif_over_all_steps():
    x = torch.rand(6, 2, 3, generator=torch.Generator().manual_seed(0)) * 2
    results = []
    for mode in ("s", "m"):
        node = with_threshold(ATIF, 0.9, alpha=2.0)
        node.step_mode = mode
        assert node.supported_backends == ("torch",)
        leaf = x.clone().requires_grad_()
        out = node(leaf) if mode == "m" else torch.stack([node(step) for step in leaf])
        (out * x).sum().backward()
        results.append((out, node.v, leaf.grad, node.v_threshold.grad))
    for a, b in zip(*results, strict=True):
        assert torch.equal(a, b)
    node = ATIF()
    functional.set_step_mode(node, "m")
    node.store_v_seq = True
    node(x)
    assert node.v_seq.shape == x.shape
    assert torch.equal(node.v_seq[-1], node.v)
    assert [name for name, _ in node.named_memories()] == ["v", "v_seq"]
    node.detach()
    assert not node.v.requires_grad
    with pytest.raises(ValueError, match="step_mode can only be"):
        node.step_mode = "x"
    assert node.surrogate_function == SpikeFunctionSigmoid.apply


def test_atif_hooks_are_the_step():
    x = torch.tensor([0.5, 1.2])
    node, other = with_threshold(ATIF, 0.9), with_threshold(ATIF, 0.9)
    node.neuronal_charge(x)
    z = node.neuronal_fire()
    node.neuronal_reset(z)
    assert torch.equal(z * node.v_threshold, other.ifsrl_fn(x))
    assert torch.equal(node.v, other.v)


@pytest.mark.parametrize("dtype", [*DTYPES, torch.int64])
@pytest.mark.parametrize("kind", NODES)
def test_dtypes(kind, dtype):
    node = with_threshold(kind, 0.9)
    assert node(torch.ones(2, 3).to(dtype)).dtype == torch.float32
    assert node.v.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)


def test_the_state_follows_the_device_but_not_the_dtype():
    node = IFSRL().double()
    assert (node.vp_th.dtype, node.v.dtype) == (torch.float64, torch.float32)
    assert IFSRL().to("meta").v.device.type == "meta"


def test_copies():
    for kind in NODES:
        node = kind()
        with torch.no_grad():
            node(torch.tensor([0.5]))
        for other in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
            assert torch.equal(other.get_coeffs(), node.get_coeffs())
            assert torch.equal(other.v, node.v)
            assert torch.equal(other(torch.tensor([0.75])), copy.deepcopy(node)(torch.tensor([0.75])))


def test_errors():
    with pytest.raises(AssertionError, match="v_threshold=1 is not accepted"):
        ATIF(v_threshold=1)
    assert IFSRL(v_threshold=1).v_threshold == 1
    for kind in NODES:
        with pytest.raises(ValueError, match=r"vth_init_l=1\.5 and vth_init_h=0\.5 are not accepted"):
            kind(vth_init_l=1.5, vth_init_h=0.5)
        for name in ("vth_init_l", "vth_init_h", "alpha"):
            with pytest.raises(TypeError, match=f"{name}=None is not accepted"):
                kind(**{name: None})
    with pytest.raises(TypeError, match="v_threshold='1' is not accepted"):
        IFSRL(v_threshold="1")


def test_heaviside():
    x = torch.tensor([-1.0, -0.0, 0.0, 2.0, math.nan], dtype=torch.float64)
    assert heaviside(x).tolist() == [0, 1, 1, 1, 0]
    assert heaviside(x).dtype == torch.float64


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("alpha", [torch.tensor([4.0]), torch.tensor(4.0), torch.full((3,), 4.0), 4.0])
def test_spike_function(alpha, dtype):
    x = torch.tensor([-0.5, 0.0, 0.25], dtype=dtype, requires_grad=True)
    z = SpikeFunctionSigmoid.apply(x, alpha)
    assert (z.tolist(), z.dtype) == ([0, 1, 1], dtype)
    z.backward(torch.tensor([1.0, 2.0, 1.0], dtype=dtype))
    bound = 8 * torch.finfo(dtype).eps
    assert x.grad.tolist() == pytest.approx([0.419974, 2.0, 0.786448], rel=max(bound, 1e-5))
    assert x.grad.dtype == dtype


def test_spike_function_arguments():
    x = torch.tensor([0.25], requires_grad=True)
    alpha = torch.tensor([4.0], requires_grad=True)
    SpikeFunctionSigmoid.apply(x, alpha).sum().backward()
    assert alpha.grad is None
    for arguments in ((x,), (x, alpha, 1.0)):
        with pytest.raises(ValueError, match="expected two, x and alpha"):
            SpikeFunctionSigmoid.apply(*arguments)
    with pytest.raises(TypeError, match="alpha"):
        SpikeFunctionSigmoid.apply(x, alpha=alpha)
    with pytest.raises(TypeError, match="alpha=None"):
        SpikeFunctionSigmoid.apply(x, None)
    (first,) = torch.autograd.grad(SpikeFunctionSigmoid.apply(x, alpha).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    s = torch.sigmoid(torch.tensor(1.0))
    assert second.item() == pytest.approx((16 * s * (1 - s) * (1 - 2 * s)).item(), rel=1e-5)


@pytest.mark.parametrize("kind", NODES)
def test_descriptions(kind):
    node = with_threshold(kind, 0.75, alpha=4.0)
    spec = node.__describe__()
    assert spec == NeuronSpec(
        charge="charge_if",
        surrogate=SurrogateSpec("sigmoid_vector_alpha", (("alpha", 4.0),), output="float32"),
        reset=ResetSpec("soft", order="reset_by_threshold_mix"),
        learnable=("vp_th" if kind is IFSRL else "v_threshold",),
        threshold=0.75,
        output="dense" if kind is IFSRL else "threshold_scaled",
    )
    node.get_coeffs().requires_grad_(False)
    assert node.__describe__().learnable == ()


def test_atif_description_names_the_layout():
    node = ATIF()
    node.step_mode = "m"
    assert node.__describe__().layout == "time_first"
