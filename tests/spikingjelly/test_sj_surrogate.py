"""SpikingJelly's surrogates: spikes, gradients at the edges, modes, kinds of alpha, layouts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from unisnn.spikingjelly import surrogate

CLASSES = [
    *("PiecewiseQuadratic", "PiecewiseExp", "Sigmoid", "SoftSign", "SuperSpike", "ATan", "NonzeroSignLogAbs"),
    *("Erf", "PiecewiseLeakyReLU", "SquarewaveFourierSeries", "S2NN", "QPseudoSpike", "LeakyKReLU"),
    *("FakeNumericalGradient", "LogTailedReLU", "DeterministicPass", "Rect"),
]
MULTI = {"PiecewiseLeakyReLU", "SquarewaveFourierSeries", "S2NN", "LeakyKReLU"}
NO_PRIMITIVE = {"SuperSpike", "FakeNumericalGradient"}


def make(name: str, *args: object, **kwargs: object) -> nn.Module:
    return getattr(surrogate, name)(*args, **kwargs)


def gradient(module: nn.Module, x: torch.Tensor, g: torch.Tensor | None = None) -> torch.Tensor:
    x = x.clone().requires_grad_()
    y = module(x)
    y.backward(torch.ones_like(y) if g is None else g)
    assert x.grad is not None
    return x.grad


X = torch.tensor([0.0, -0.0, 1e-45, -1e-45, 2.0, -2.0, float("nan"), float("inf"), -float("inf")])
STEP = [1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_spikes(name: str, dtype: torch.dtype) -> None:
    x = X.to(dtype)
    want = torch.tensor(STEP, dtype=dtype)
    if dtype in (torch.float16, torch.bfloat16):
        want[3] = 1.0  # -1e-45 is -0.0 in half precision
    y = make(name)(x)
    assert y.dtype == dtype
    assert torch.equal(y, want)
    assert not y.requires_grad
    assert gradient(make(name), x).dtype == dtype


@pytest.mark.parametrize("name", CLASSES)
def test_integer_and_bool_spikes(name: str) -> None:
    assert make(name)(torch.tensor([-1, 0, 2])).tolist() == [0, 1, 1]
    assert make(name)(torch.tensor([False, True])).tolist() == [True, True]


@pytest.mark.parametrize(
    "x", [torch.tensor([-1, 0, 3]), torch.tensor([-1.5, -0.0, 3.0]), torch.tensor(2.0), torch.zeros(2, 0)]
)
def test_heaviside(x: torch.Tensor) -> None:
    y = surrogate.heaviside(x)
    assert y.dtype == x.dtype
    assert torch.equal(y, (x >= 0).to(x.dtype))


@pytest.mark.parametrize("x", [1.0, 1, None, [0.0]])
def test_heaviside_refuses_what_is_no_tensor(x: object) -> None:
    with pytest.raises(TypeError, match="heaviside: x="):
        surrogate.heaviside(x)  # type: ignore[arg-type]


# Gradient of the default module at 0.0, nan, inf, -inf.
NAN = float("nan")
EDGES = {
    "PiecewiseQuadratic": (1.0, NAN, 0.0, 0.0),
    "PiecewiseExp": (0.5, NAN, 0.0, 0.0),
    "Sigmoid": (1.0, NAN, 0.0, 0.0),
    "SoftSign": (1.0, NAN, 0.0, 0.0),
    "SuperSpike": (1.0, NAN, 0.0, 0.0),
    "ATan": (1.0, NAN, 0.0, 0.0),
    "NonzeroSignLogAbs": (1.0, NAN, 0.0, 0.0),
    "Erf": (1.1283792, NAN, 0.0, 0.0),
    "PiecewiseLeakyReLU": (0.5, 0.01, 0.01, 0.01),
    "SquarewaveFourierSeries": (0.5, NAN, NAN, NAN),
    "S2NN": (1.0, NAN, 0.0, 0.0),
    "QPseudoSpike": (1.0, NAN, 0.0, 0.0),
    "LeakyKReLU": (1.0, 0.0, 1.0, 0.0),
    "FakeNumericalGradient": (0.3, NAN, 0.0, 0.0),
    "LogTailedReLU": (0.0, 1.0, 0.0, 0.0),
    "DeterministicPass": (1.0, 1.0, 1.0, 1.0),
    "Rect": (1.0, 0.0, 0.0, 0.0),
}


@pytest.mark.parametrize(("name", "want"), EDGES.items())
def test_gradient_at_the_edges(name: str, want: tuple[float, ...]) -> None:
    x = torch.tensor([0.0, NAN, float("inf"), -float("inf")])
    got = gradient(make(name), x)
    np.testing.assert_array_equal(got.numpy(), np.array(want, dtype=np.float32))


def test_windows_exclude_or_include_their_edge() -> None:
    at_edge = torch.tensor([1.0, -1.0])
    assert gradient(surrogate.PiecewiseLeakyReLU(w=1.0, c=0.25), at_edge).tolist() == [0.25, 0.25]
    assert gradient(surrogate.Rect(alpha=0.5), at_edge).tolist() == [0.0, 0.0]
    assert gradient(surrogate.PiecewiseQuadratic(), at_edge).tolist() == [0.0, 0.0]
    assert gradient(surrogate.FakeNumericalGradient(), torch.tensor([-0.0])).item() == -float("inf")
    # The edge 1/0.7 is rounded to float32: the formula is still used there and gives a tiny negative.
    x = torch.tensor([1 / 0.7])
    assert gradient(surrogate.PiecewiseQuadratic(0.7), x).item() == np.float32(-5.9604645e-08)


def test_super_spike_follows_its_documented_formula() -> None:
    x = torch.tensor([0.0, 1.0, -3.0])
    assert gradient(surrogate.SuperSpike(), x).tolist() == [1.0, 0.25, 0.0625]


def test_log_tailed_relu_keeps_alpha_in_float64_and_its_primitive_below_zero() -> None:
    x = torch.tensor([-2.0, 0.0, 0.5, 1.0, 2.0], dtype=torch.float64)
    assert gradient(surrogate.LogTailedReLU(0.1), x).tolist() == [0.1, 0.1, 1.0, 1.0, 0.5]
    primitive = surrogate.LogTailedReLU(0.1, spiking=False)(x)
    assert primitive[:4].tolist() == [-0.2, 0.0, 0.5, 1.0]
    assert primitive[4].item() == pytest.approx(1.6931471805599454, abs=1e-15)


@pytest.mark.parametrize("name", CLASSES)
def test_the_spiking_switch(name: str) -> None:
    module = make(name)
    x = torch.tensor([-0.25, 0.25, 3.0])
    module.set_spiking_mode(False)
    assert module.spiking is False
    if name in NO_PRIMITIVE:
        with pytest.raises(NotImplementedError, match="no primitive"):
            module(x)
    else:
        parameters = [getattr(module, p) for p in module._parameter_names]
        assert torch.equal(module(x), type(module).primitive_function(x, *parameters))
        assert not torch.equal(module(x), module.primitive_function(x * 0, *parameters))
    module.set_spiking_mode(True)
    assert module(x).tolist() == [0.0, 1.0, 1.0]
    with pytest.raises(TypeError, match="spiking="):
        module.set_spiking_mode("yes")


def test_the_straight_pass_gives_the_tensor_itself() -> None:
    x = torch.randn(3)
    assert surrogate.DeterministicPass(spiking=False)(x) is x
    assert surrogate.DeterministicPass.primitive_function(x, 2.0) is x


@pytest.mark.parametrize(
    "name", [name for name in CLASSES if name not in ("DeterministicPass", *NO_PRIMITIVE)]
)
def test_a_parameter_learns_through_the_primitive_only(name: str) -> None:
    module = make(name)
    names = [p for p in module._parameter_names if p != "n"]
    for p in names:
        value = nn.Parameter(torch.tensor(float(getattr(module, p)) + 0.5))
        delattr(module, p)
        setattr(module, p, value)
    x = torch.tensor([-0.4, 0.3, 1.7])
    y = module(x)
    assert y.requires_grad  # the parameter is an input of the function
    y.backward(torch.ones(3))
    assert all(getattr(module, p).grad is None for p in names)
    gradient(module, x)
    assert all(getattr(module, p).grad is None for p in names)
    assert module.__describe__().learnable == ()
    module.set_spiking_mode(False)
    module(x).sum().backward()
    assert all(getattr(module, p).grad is not None for p in names)
    assert set(module.__describe__().learnable) == set(names)
    assert set(module.state_dict()) == set(names)


ALPHAS = [2, 2.0, np.float64(2), np.int64(2), torch.tensor(2.0), nn.Parameter(torch.tensor(2.0))]


@pytest.mark.parametrize("alpha", ALPHAS, ids=lambda alpha: type(alpha).__name__)
@pytest.mark.parametrize("name", [name for name in CLASSES if name not in MULTI])
def test_kinds_of_alpha_agree(name: str, alpha: object) -> None:
    x = torch.tensor([-0.7, -0.1, 0.0, 0.2, 1.5])
    got, want = gradient(make(name, alpha), x), gradient(make(name, alpha=2.0), x)
    if isinstance(alpha, torch.Tensor):  # its constants are formed in float32
        torch.testing.assert_close(got, want, rtol=3e-7, atol=0)
    else:
        assert torch.equal(got, want)


def test_alpha_is_read_at_the_call_and_kept_for_its_backward() -> None:
    module, x = surrogate.ATan(), torch.zeros(1, requires_grad=True)
    y = module(x)
    module.alpha = 8.0
    y.sum().backward()
    assert x.grad.item() == 1.0  # type: ignore[union-attr]
    assert gradient(module, torch.zeros(1)).item() == 4.0


@pytest.mark.parametrize("name", CLASSES)
def test_repeated_backward_and_in_place_changes(name: str) -> None:
    module = make(name)
    x = torch.tensor([-0.7, 0.2], requires_grad=True)
    y = module(x)
    first, second = (torch.autograd.grad(y.sum(), x, retain_graph=True)[0] for _ in range(2))
    assert torch.equal(first, second)
    if name != "DeterministicPass":  # it keeps nothing for its backward
        leaf = torch.tensor([-0.7, 0.2], requires_grad=True)
        z = leaf * 1
        y = module(z)
        z.add_(1)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


@pytest.mark.parametrize("name", CLASSES)
def test_shapes_and_layouts(name: str) -> None:
    module = make(name)
    base = torch.randn(4, 6, 2, 3, generator=torch.Generator().manual_seed(4))
    for x in (base.transpose(0, 1), base[:, ::2], base[:0], base[0, 0, 0, 0], base[:1].expand(5, 6, 2, 3)):
        # The layout must not matter; torch's sigmoid and pow differ in the last bit between layouts.
        torch.testing.assert_close(
            gradient(module, x), gradient(module, x.contiguous()), rtol=3e-7, atol=1e-9
        )
        assert module(x).shape == x.shape
    images = base.to(memory_format=torch.channels_last)
    assert module(images).is_contiguous(memory_format=torch.channels_last)


@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")  # torch's own
@pytest.mark.parametrize("name", ["ATan", "PiecewiseLeakyReLU", "S2NN", "LogTailedReLU"])
def test_compiled_as_one_graph(name: str) -> None:
    module, x = make(name), torch.linspace(-2, 2, 9)
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    assert torch.equal(gradient(compiled, x), gradient(module, x))
