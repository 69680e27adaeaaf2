"""Charge and reset equations against the same equations on numpy scalars, rounded after each operation."""

import inspect

import numpy as np
import pytest
import torch

from unisnn.core import neuron

DTYPES = {torch.float32: np.float32, torch.float64: np.float64, torch.float16: np.float16}

# Operands rounded to the dtype before each operation, Python doubles formed first.
EQUATIONS = {
    "charge_if": (lambda f, v, x: v + x, ()),
    "charge_scaled": (lambda f, v, x, dt: v + x * f(dt), (0.7,)),
    "charge_lif_decay_input": (lambda f, v, x, tau: v + (x - v) / f(tau), (1.7,)),
    "charge_lif_decay_input_to": (lambda f, v, x, tau, r: v + (x - (v - f(r))) / f(tau), (1.7, -0.1)),
    "charge_lif": (lambda f, v, x, tau: v * f(1.0 - 1.0 / tau) + x, (1.7,)),
    "charge_lif_to": (lambda f, v, x, tau, r: v - (v - f(r)) / f(tau) + x, (1.7, -0.1)),
}
LEARNED = {
    "charge_plif_decay_input": (lambda f, v, x, q: v + (x - v) * q, ()),
    "charge_plif_decay_input_to": (lambda f, v, x, q, r: v + (x - (v - f(r))) * q, (-0.1,)),
    "charge_plif": (lambda f, v, x, q: v * (f(1.0) - q) + x, ()),
    "charge_plif_to": (lambda f, v, x, q, r: v - (v - f(r)) * q + x, (-0.1,)),
    "charge_plif_scaled": (lambda f, v, x, q, dt: v + ((x - v) * q) * f(dt), (0.7,)),
}
RESETS = {
    "reset_hard": (lambda f, h, s, r: (f(1.0) - s) * h + s * f(r), (-0.1,)),
    "reset_hard_eval": (lambda f, h, s, r: f(r) * s + (f(1.0) - s) * h, (-0.1,)),
    "reset_soft": (lambda f, h, s, c: h - s * f(c), (0.9,)),
    "reset_to_zero": (lambda f, h, s: h * (f(1.0) - s), ()),
    "reset_by_threshold_mix": (lambda f, h, s, c: (f(1.0) - s) * h + s * (h - f(c)), (0.9,)),
}


def _draw(dtype: torch.dtype, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(400, generator=generator, dtype=torch.float64) * 3 - 1).to(dtype)


def test_every_equation_is_tested() -> None:
    assert set(neuron.__all__) == {*EQUATIONS, *LEARNED, *RESETS}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", EQUATIONS)
def test_charge_rounds_in_the_stated_order(name: str, dtype: torch.dtype) -> None:
    reference, constants = EQUATIONS[name]
    v, x = _draw(dtype, 0), _draw(dtype, 1)
    expected = reference(DTYPES[dtype], v.numpy(), x.numpy(), *constants)
    assert expected.dtype == DTYPES[dtype]
    got = getattr(neuron, name)(v, x, *constants)
    assert got.numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", LEARNED)
def test_learned_charge_rounds_in_the_stated_order(name: str, dtype: torch.dtype) -> None:
    reference, constants = LEARNED[name]
    v, x, q = _draw(dtype, 0), _draw(dtype, 1), torch.tensor(0.61, dtype=dtype)
    expected = reference(DTYPES[dtype], v.numpy(), x.numpy(), q.numpy()[()], *constants)
    got = getattr(neuron, name)(v, x, q, *constants)
    assert got.numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", RESETS)
def test_reset_rounds_in_the_stated_order(name: str, dtype: torch.dtype) -> None:
    reference, constants = RESETS[name]
    h = _draw(dtype, 2)
    s = (h > 0.5).to(dtype)
    expected = reference(DTYPES[dtype], h.numpy(), s.numpy(), *constants)
    got = getattr(neuron, name)(h, s, *constants)
    assert got.numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", neuron.__all__)
def test_half_precision_keeps_its_dtype(name: str) -> None:
    function = getattr(neuron, name)
    arguments = [torch.ones(3, dtype=torch.bfloat16)] * 2
    arguments += [0.5] * (len(inspect.signature(function).parameters) - 2)
    if "plif" in name:
        arguments[2] = torch.tensor(0.5)
    assert function(*arguments).dtype == torch.bfloat16


def test_the_two_leaky_forms_differ_in_their_last_bits() -> None:
    v, x = _draw(torch.float32, 0), _draw(torch.float32, 1)
    assert not torch.equal(neuron.charge_lif(v, x, 1.7), neuron.charge_lif_to(v, x, 1.7, 0.0))
    assert torch.equal(neuron.charge_lif(v, x, 2.0), neuron.charge_lif_to(v, x, 2.0, 0.0))
    assert torch.equal(
        neuron.charge_lif_decay_input(v, x, 1.7), neuron.charge_lif_decay_input_to(v, x, 1.7, 0.0)
    )


def test_an_infinite_potential_that_fires_becomes_nan_in_a_hard_reset_only() -> None:
    h, s = torch.tensor([float("inf")]), torch.ones(1)
    assert neuron.reset_hard(h, s, 0.0).isnan().all()
    assert neuron.reset_hard_eval(h, s, 0.0).isnan().all()
    assert neuron.reset_soft(h, s, 1.0).isinf().all()
    assert neuron.reset_by_threshold_mix(h, s, 1.0).isnan().all()


def test_the_reset_lets_the_gradient_through_the_spike() -> None:
    h, s = torch.tensor([1.5, 0.5], requires_grad=True), torch.tensor([1.0, 0.0], requires_grad=True)
    neuron.reset_hard(h, s, 0.25).sum().backward()
    assert h.grad.tolist() == [0.0, 1.0]
    assert s.grad.tolist() == [0.25 - 1.5, 0.25 - 0.5]
