"""The tensor-alpha families: primitives and gradients belong together, and keep alpha's precision."""

from __future__ import annotations

import math

import pytest
import torch

from unisnn.core import surrogate as families
from unisnn.core.surrogate import tensor_alpha

MEMBERS = [
    (families.SIGMOID_TENSOR_ALPHA, True),
    (families.SIGMOID_VECTOR_ALPHA, True),
    (families.ATAN_TENSOR_ALPHA, True),
    (families.GATE, True),
    (families.QUADRATIC_GATE, True),
    (families.RELU_LIKE, True),
    (families.STDP, False),
    (families.BACK_EI_GATE, False),
    (families.STRAIGHT_THROUGH, False),
    (families.ROUND_WINDOW, False),
]
X = torch.tensor([-3.0, -0.9, -0.45, -0.2, -0.05, 0.04, 0.3, 0.48, 0.8, 2.0, 4.4, 6.0], dtype=torch.float64)


@pytest.mark.parametrize(("family", "has_alpha"), MEMBERS, ids=[family.name for family, _ in MEMBERS])
def test_the_gradient_is_the_primitives_derivative(family, has_alpha):
    assert families.family(family.name) is family
    assert bool(family.parameters) == has_alpha
    for value in (0.7, 1.5):
        parameters = (torch.tensor(value, dtype=torch.float64),) if has_alpha else ()
        x = X.clone().requires_grad_()
        g = torch.linspace(-2.0, 3.0, len(X), dtype=torch.float64)
        (expected,) = torch.autograd.grad(family.primitive(x, *parameters), x, g)
        assert torch.allclose(family.gradient(g, X, *parameters), expected, rtol=1e-12, atol=1e-15)


def test_alpha_gradients_are_the_primitives_derivative():
    g = torch.linspace(-2.0, 3.0, len(X), dtype=torch.float64)
    alpha = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    (expected,) = torch.autograd.grad(families.ATAN_TENSOR_ALPHA.primitive(X, alpha), alpha, g)
    in_x, in_alpha = tensor_alpha.atan_gradients(g, X, alpha.detach())
    assert torch.allclose(in_alpha, expected, rtol=1e-12)
    assert torch.equal(in_x, families.ATAN_TENSOR_ALPHA.gradient(g, X, alpha.detach()))
    (expected,) = torch.autograd.grad(families.RELU_LIKE.primitive(X, alpha), alpha, g)
    assert torch.allclose(tensor_alpha.relu_like_alpha_gradient(g, X, alpha.detach()), expected, rtol=1e-12)


def test_order_of_operations():
    """The products are taken as the module's docstring says; another order differs in some bits."""
    generator = torch.Generator().manual_seed(0)
    x, g = torch.randn(1000, generator=generator), torch.randn(1000, generator=generator)
    a = torch.tensor(0.7)
    s = torch.sigmoid(a * x)
    scalar = families.SIGMOID_TENSOR_ALPHA.gradient(g, x, a)
    vector = families.SIGMOID_VECTOR_ALPHA.gradient(g, x, a.reshape(1))
    assert torch.equal(scalar, ((g * s) * (1 - s)) * a)
    assert torch.equal(vector, ((g * (1 - s)) * s) * a)
    assert not torch.equal(scalar, vector)
    quotient = g / (1 + torch.square(((a * math.pi) / 2) * x))
    assert torch.equal(families.ATAN_TENSOR_ALPHA.gradient(g, x, a), (a / 2) * quotient)
    assert not torch.equal(families.ATAN_TENSOR_ALPHA.gradient(g, x, a), families.ATAN.gradient(g, x, 0.7))


def test_half_precision_depends_on_the_shape_of_alpha():
    x = torch.randn(100, generator=torch.Generator().manual_seed(0)).half()
    g = torch.ones_like(x)
    scalar = families.SIGMOID_VECTOR_ALPHA.gradient(g, x, torch.tensor(0.7))
    vector = families.SIGMOID_VECTOR_ALPHA.gradient(g, x, torch.tensor([0.7]))
    assert (scalar.dtype, vector.dtype) == (torch.float16, torch.float32)


def test_sum_to_alpha():
    terms = torch.arange(24.0).reshape(2, 3, 4)
    assert tensor_alpha.sum_to_alpha(terms, torch.tensor(1.0)).item() == 276
    assert tensor_alpha.sum_to_alpha(terms, torch.ones(1)).tolist() == [276]
    assert tensor_alpha.sum_to_alpha(terms, torch.ones(4)).tolist() == [60, 66, 72, 78]
    assert tensor_alpha.sum_to_alpha(terms, torch.ones(3, 1)).tolist() == [[60], [92], [124]]
