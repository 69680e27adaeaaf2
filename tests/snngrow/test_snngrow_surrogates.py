"""SNNGrow's surrogates: call forms, equations, spike tensors, the two editions."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import pytest
import torch
from torch import Tensor, nn

from unisnn.core import edition
from unisnn.core.spike_tensor import SpikeTensor
from unisnn.snngrow.base.surrogate.ATan import ATan, atan, atan_backward
from unisnn.snngrow.base.surrogate.BaseFunction import SurrogateFunctionBase, heaviside
from unisnn.snngrow.base.surrogate.Sigmoid import Sigmoid, sigmoid, sigmoid_backward

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
X = torch.tensor([-2.0, -0.5, -0.0, 0.0, 0.25, 1.0, math.inf, -math.inf, math.nan])
G = torch.tensor([1.0, -2.0, 0.5, 3.0, -0.25, 1.5, 1.0, 1.0, 1.0])
PAIRS = [(ATan, atan, atan_backward), (Sigmoid, sigmoid, sigmoid_backward)]


def slope(cls: type, x: Tensor, alpha: float) -> Tensor:
    """The surrogate derivative, written another way, in float64."""
    x = x.double()
    if cls is ATan:
        return alpha / (2 * (1 + (math.pi / 2 * alpha * x) ** 2))
    return alpha / (2 + torch.exp(alpha * x) + torch.exp(-alpha * x))


@pytest.mark.parametrize(("cls", "alpha"), [(ATan, 2.0), (Sigmoid, 4.0)])
def test_constructor_of_the_documented_edition(cls: type, alpha: float) -> None:
    parameters = inspect.signature(cls).parameters
    assert [(p.name, p.default) for p in parameters.values()] == [
        ("alpha", alpha),
        ("spike_out", False),
        ("spiking", True),
    ]
    module = cls(3.0, True, False)
    assert (module.alpha, module.spike_out, module.spiking) == (3.0, True, False)
    assert repr(cls()) == f"{cls.__name__}(alpha={alpha}, spiking=True)"
    assert list(inspect.signature(SurrogateFunctionBase).parameters) == ["alpha", "spike_out", "spiking"]


@pytest.mark.parametrize("cls", [ATan, Sigmoid])
def test_second_positional_argument_is_spiking_under_0_1_1a1(cls: type) -> None:
    with edition.using("snngrow", "0.1.1a1"):
        module = cls(3.0, False)
        assert (module.alpha, module.spike_out, module.spiking) == (3.0, False, False)
        assert cls(3.0).spiking is True
        assert cls(alpha=3.0, spike_out=True).spike_out is True
        base = SurrogateFunctionBase(3.0, False)
        assert base.spiking is False
        with pytest.raises(TypeError, match="spiking"):
            cls(3.0, False, spiking=True)
    assert cls(3.0, False).spiking is True


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("cls", "function", "backward"), PAIRS)
def test_spikes_and_gradient(cls: type, function: type, backward: object, dtype: torch.dtype) -> None:
    x = X.to(dtype).clone().requires_grad_()
    s = cls(1.5)(x)
    assert s.dtype == dtype
    assert s.tolist() == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    s.backward(G.to(dtype))
    finite = X.isfinite()
    bound = 8 * torch.finfo(dtype).eps
    expected = (G.double() * slope(cls, X, 1.5))[finite]
    assert torch.allclose(x.grad[finite].double(), expected, rtol=bound, atol=bound)
    # the same bits by every way in
    for way in (
        cls.backward(G.to(dtype), X.to(dtype), 1.5),
        backward(G.to(dtype), X.to(dtype), 1.5)[0],  # type: ignore[operator]
        torch.autograd.grad(function.apply(x, 1.5), x, G.to(dtype))[0],
        torch.autograd.grad(function.apply(x, 1.5, False), x, G.to(dtype))[0],
        torch.autograd.grad(cls.spiking_function(x, 1.5), x, G.to(dtype))[0],
    ):
        assert torch.equal(way.nan_to_num(9.0), x.grad.nan_to_num(9.0))


@pytest.mark.parametrize(("cls", "function", "backward"), PAIRS)
def test_spike_out_gives_spike_tensors_with_the_same_gradient(
    cls: type, function: type, backward: object
) -> None:
    for dtype in DTYPES:
        dense, spiky = (X.to(dtype).clone().requires_grad_() for _ in range(2))
        cls(1.5)(dense).backward(G.to(dtype))
        s = cls(1.5, spike_out=True)(spiky)
        assert type(s) is SpikeTensor
        assert s.dtype == dtype
        (s * G.to(dtype)).sum().backward()
        assert torch.equal(spiky.grad.nan_to_num(9.0), dense.grad.nan_to_num(9.0))
    assert type(function.apply(X, 2.0, True)) is SpikeTensor
    assert type(cls.spiking_function(X, 2.0, True)) is SpikeTensor
    assert heaviside(torch.tensor([-1, 0]), True).dtype == torch.float32


@pytest.mark.parametrize("cls", [ATan, Sigmoid])
def test_primitive_is_the_integral_of_the_gradient(cls: type) -> None:
    x = torch.linspace(-2, 2, 41, dtype=torch.float64, requires_grad=True)
    module = cls(1.5, spike_out=True)
    module.set_spiking_mode(False)
    y = module(x)
    assert type(y) is Tensor
    assert torch.equal(y, cls.primitive_function(x, 1.5))
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.allclose(gradient, slope(cls, x, 1.5), rtol=1e-12)
    assert y[20].item() == pytest.approx(0.5)
    module.set_spiking_mode(True)
    assert type(module(x)) is SpikeTensor


@pytest.mark.parametrize(("backward", "entries"), [(atan_backward, 3), (sigmoid_backward, 3)])
def test_functional_backward_has_one_entry_per_argument(backward: object, entries: int) -> None:
    assert backward(G, X, 2.0)[1:] == (None,) * (entries - 1)  # type: ignore[operator]
    with edition.using("snngrow", "0.1.1a1"):
        assert backward(G, X, 2.0)[1:] == (None,)  # type: ignore[operator]


@pytest.mark.parametrize("spike_out", [False, True])
def test_heaviside(spike_out: bool) -> None:
    assert heaviside(X, spike_out).tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0]
    assert heaviside(torch.tensor([-1, 0, 1])).dtype == torch.int64


@pytest.mark.parametrize("cls", [ATan, Sigmoid])
def test_alpha_kinds(cls: type) -> None:
    x = X[:6].clone().requires_grad_()
    for alpha in (2, 2.0, torch.tensor(2.0), nn.Parameter(torch.tensor(2.0))):
        (gradient,) = torch.autograd.grad(cls(alpha)(x).sum(), x)
        assert torch.allclose(gradient.double(), slope(cls, x.detach(), 2.0), rtol=1e-6)
    alpha = nn.Parameter(torch.tensor(2.0))
    cls(alpha, spiking=False)(x).sum().backward()
    assert alpha.grad is not None
    cls(alpha)(x.detach()).sum().backward()  # upstream raises IndexError here
    with pytest.raises(TypeError, match=f"{cls.__name__}: alpha='steep' is not accepted"):
        cls("steep")


def test_no_graph_without_a_gradient() -> None:
    assert Sigmoid()(X).grad_fn is None
    with torch.inference_mode():
        assert not Sigmoid(spike_out=True)(X).requires_grad


@pytest.mark.parametrize("cls", [ATan, Sigmoid])
def test_second_derivative(cls: type) -> None:
    x = torch.linspace(-1, 1, 9, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(cls(1.5)(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    step = 1e-6
    numeric = (slope(cls, x.detach() + step, 1.5) - slope(cls, x.detach() - step, 1.5)) / (2 * step)
    assert torch.allclose(second, numeric, atol=1e-6)


def test_base_class_asks_for_its_functions() -> None:
    base = SurrogateFunctionBase(2.0)
    for call in (base, lambda x: base.primitive_function(x, 2.0), lambda x: base.backward(x, x, 2.0)):
        with pytest.raises(NotImplementedError, match="a subclass must provide"):
            call(X)


class _Wide(SurrogateFunctionBase):
    """A surrogate in the style of the documented edition."""

    @staticmethod
    def spiking_function(x: Tensor, alpha: float, spike_out: bool) -> Tensor:
        return sigmoid.apply(x, alpha, spike_out) * 1.0


class _Narrow(SurrogateFunctionBase):
    """A surrogate in the style of 0.1.1a1, which has no spike_out."""

    @staticmethod
    def spiking_function(x: Tensor, alpha: float) -> Tensor:  # type: ignore[override]
        return sigmoid.apply(x, alpha)


def test_subclasses_of_both_editions() -> None:
    assert _Wide(2.0)(X).sum() == 5
    with edition.using("snngrow", "0.1.1a1"):
        assert _Narrow(2.0)(X).sum() == 5


@pytest.mark.parametrize("cls", [ATan, Sigmoid])
def test_copies_and_descriptions(cls: type) -> None:
    module = cls(3.0, spiking=False)
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert type(twin) is cls
        assert (twin.alpha, twin.spiking) == (3.0, False)
    assert module.state_dict() == {}
    spec = module.__describe__()
    assert (spec.family, spec.parameters, spec.fire) == (cls.__name__.lower(), (("alpha", 3.0),), ">=")
    assert spec.spiking is False
    assert cls(nn.Parameter(torch.tensor(2.0)), spiking=False).__describe__().learnable == ("alpha",)
