"""BrainCog's surrogates: names, fire rules, dtypes, gradients of x and of alpha, states, errors."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import pytest
import torch
from torch import Tensor, nn

from unisnn.braincog.base.strategy import surrogate as S
from unisnn.core.spec import SurrogateSpec

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
X = [-2.0, -0.5, -0.3, -0.0, 0.0, 0.2, 0.5, 1.0]
WITH_ALPHA = [
    "SigmoidGrad",
    "AtanGrad",
    "GateGrad",
    "QGateGrad",
    "ReLUGrad",
    "STDPGrad",
    "BackEIGateGrad",
    "EIGrad",
]
AT_OR_ABOVE = {"SigmoidGrad", "ReLUGrad"}
LEARNING = {"AtanGrad", "ReLUGrad"}


def slope(name: str, x: Tensor, a: float) -> Tensor:
    """The surrogate derivative, written another way, in float64."""
    x = x.double()
    if name == "SigmoidGrad":
        return a / (2 + torch.exp(a * x) + torch.exp(-a * x))
    if name == "AtanGrad":
        return a / (2 + 2 * (math.pi / 2 * a * x) ** 2)
    if name == "GateGrad":
        return (x.abs() < 1 / a).double()
    if name == "QGateGrad":
        return torch.relu(a - a * a * x.abs())
    if name == "ReLUGrad":
        return a * (x > 0).double()
    if name == "STDPGrad":
        return (x > 0).double()
    return (x.abs() < 0.5).double()


def test_the_twenty_names():
    assert len(S.__all__) == 20
    assert set(S.__all__) == {
        *WITH_ALPHA,
        "RoundGrad",
        "SurrogateFunctionBase",
        "atan",
        "backeigate",
        "ei",
        "gate",
        "heaviside",
        "quadratic_gate",
        "relu_like",
        "sigmoid",
        "stdp",
        "straight_through_estimator",
    }


@pytest.mark.parametrize("name", WITH_ALPHA)
def test_constructor_and_parameter(name):
    defaults = [(p.name, p.default) for p in inspect.signature(getattr(S, name)).parameters.values()]
    alpha = 1.0 if name == "SigmoidGrad" else 2.0
    assert defaults == [("alpha", alpha), ("requires_grad", name == "AtanGrad")]
    module = getattr(S, name)(3, True)
    assert isinstance(module.alpha, nn.Parameter)
    assert (module.alpha.dtype, module.alpha.shape, module.alpha.item()) == (torch.float32, (), 3.0)
    assert list(module.state_dict()) == ["alpha"]
    assert module.alpha.requires_grad is True
    assert getattr(S, name)(requires_grad=False).alpha.requires_grad is False
    assert repr(module) == f"{name}()"
    assert list(inspect.signature(module.act_fun).parameters) == ["x", "alpha"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", WITH_ALPHA)
def test_spikes(name, dtype):
    s = getattr(S, name)()(torch.tensor([*X, math.nan, math.inf, -math.inf], dtype=dtype))
    if name in AT_OR_ABOVE:
        expected, out = [0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0], dtype
    elif name == "EIGrad":
        expected, out = [-1, -1, -1, 0, 0, 1, 1, 1, 0, 1, -1], torch.float32
    else:
        expected, out = [0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0], torch.float32
    assert s.tolist() == expected
    assert s.dtype == out


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("alpha", [0.7, 1.0, 2.0])
@pytest.mark.parametrize("name", WITH_ALPHA)
def test_gradient_of_x(name, alpha, dtype):
    module = getattr(S, name)(alpha, requires_grad=False)
    x = torch.tensor(X, dtype=dtype, requires_grad=True)
    g = torch.tensor([1.0, -2.0, 0.5, 3.0, -1.0, 1.5, 2.0, -0.25])
    s = module(x)
    s.backward(g.to(s))
    bound = 8 * max(torch.finfo(dtype).eps, torch.finfo(torch.float32).eps)
    assert x.grad.dtype == dtype
    assert torch.allclose(
        x.grad.double(), g.double() * slope(name, x.detach(), alpha), rtol=bound, atol=bound
    )
    assert module.alpha.grad is None


def test_window_edges():
    def gradient(module: nn.Module, values: list[float]) -> list[float]:
        x = torch.tensor(values, requires_grad=True)
        module(x).sum().backward()
        return x.grad.tolist()

    below = float(torch.nextafter(torch.tensor(0.5), torch.tensor(0.0)))
    assert gradient(S.GateGrad(2.0), [below, 0.5, -0.5, math.nan]) == [1, 0, 0, 0]
    assert gradient(S.BackEIGateGrad(), [below, 0.5, -0.5, math.nan]) == [1, 0, 0, 0]
    assert gradient(S.EIGrad(), [below, 0.5, -0.5, math.nan]) == [1, 0, 0, 0]
    assert gradient(S.GateGrad(0.0), [1e30, -5.0]) == [1, 1]
    assert gradient(S.GateGrad(-2.0), [0.0, 0.1]) == [0, 0]
    assert gradient(S.QGateGrad(-2.0), [0.0, 0.1]) == [0, 0]
    assert gradient(S.ReLUGrad(3.0), [0.0, -0.0, 1e-45]) == [0, 0, 3]
    assert math.isnan(gradient(S.QGateGrad(), [math.nan])[0])


def test_constants_are_formed_in_float32():
    # 1/3 in float32 is above 1/3: a float64 just above the exact third is still inside the window
    x = torch.tensor([1 / 3 + 5e-9, 1 / 3 + 2e-8], dtype=torch.float64, requires_grad=True)
    S.GateGrad(3.0)(x).sum().backward()
    assert x.grad.tolist() == [1, 0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_alpha_learns(dtype):
    values, g = torch.tensor([-1.5, -0.25, 0.0, 0.75, 2.0]), torch.tensor([1.0, 2.0, 3.0, -1.0, 0.5])
    for name in LEARNING:
        module = getattr(S, name)(1.5, requires_grad=True)
        x = values.to(dtype).requires_grad_()
        s = module(x)
        s.backward(g.to(s))
        v = values.to(dtype).double()
        terms = v / (2 + 2 * (math.pi / 2 * 1.5 * v) ** 2) if name == "AtanGrad" else torch.relu(v)
        bound = 16 * max(torch.finfo(dtype).eps, torch.finfo(torch.float32).eps)
        assert module.alpha.grad.dtype == torch.float32
        assert module.alpha.grad.shape == ()
        assert module.alpha.grad.item() == pytest.approx((g * terms).sum().item(), rel=bound, abs=bound)


@pytest.mark.parametrize("name", sorted(LEARNING))
def test_alpha_learns_where_x_needs_no_gradient(name):
    both, alone = (getattr(S, name)(1.5, requires_grad=True) for _ in range(2))
    x = torch.tensor([-1.0, 0.5, 2.0])
    both(x.clone().requires_grad_()).sum().backward()
    alone(x).sum().backward()
    assert torch.equal(both.alpha.grad, alone.alpha.grad)
    assert both.alpha.grad != 0


@pytest.mark.parametrize("name", sorted({"SigmoidGrad", "GateGrad", "QGateGrad"}))
def test_alpha_without_a_gradient_is_left_alone(name):
    module = getattr(S, name)(requires_grad=True)
    module(torch.tensor([0.25, -1.0])).sum().backward()
    assert module.alpha.grad is None
    module(torch.tensor([0.25, -1.0], requires_grad=True)).sum().backward()
    assert module.alpha.grad is None


@pytest.mark.parametrize("function", [S.atan, S.relu_like])
def test_alpha_per_channel(function):
    x = torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
    g = torch.tensor([[1.0, 2.0, -1.0], [0.5, -3.0, 1.0]])
    alpha = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
    function.apply(x.clone().requires_grad_(), alpha).backward(g)
    alone = []
    for channel in range(3):
        one = torch.tensor([alpha[channel].item()], requires_grad=True)
        function.apply(x[:, channel].clone().requires_grad_(), one).backward(g[:, channel])
        assert one.grad.shape == (1,)
        alone.append(one.grad)
    assert torch.allclose(alpha.grad, torch.cat(alone), rtol=1e-6)


@pytest.mark.parametrize("name", ["sigmoid", "atan", "gate", "quadratic_gate", "relu_like"])
def test_functions_take_a_number_or_a_tensor(name):
    function = getattr(S, name)
    assert list(inspect.signature(function.forward).parameters) in (
        ["ctx", "x", "alpha"],
        ["ctx", "inputs", "alpha"],
    )
    assert list(inspect.signature(function.backward).parameters) == ["ctx", "grad_output"]
    gradients = []
    for alpha in (2.0, 2, torch.tensor(2.0), torch.tensor([2.0])):
        x = torch.tensor([-0.75, 0.1, 0.4], requires_grad=True)
        function.apply(x, alpha).sum().backward()
        gradients.append(x.grad)
    assert all(torch.equal(gradient, gradients[0]) for gradient in gradients)
    assert function.apply(torch.tensor([1.0, -1.0]), None).tolist() == [1, 0]
    with pytest.raises(TypeError, match="alpha=None"):
        function.apply(torch.tensor([1.0], requires_grad=True), None)


@pytest.mark.parametrize("name", ["straight_through_estimator", "stdp", "backeigate", "ei"])
def test_functions_of_one_argument(name):
    function = getattr(S, name)
    x = torch.tensor([-0.75, 0.1, 0.4], requires_grad=True)
    function.apply(x).backward(torch.tensor([2.0, 3.0, 4.0]))
    expected = {"straight_through_estimator": [2, 3, 4]}.get(name, [0, 3, 4])
    assert x.grad.tolist() == expected


def test_round_grad():
    module = S.RoundGrad(alpha=2.0, requires_grad=True)
    x = torch.tensor([-3.0, -0.5, -0.2, 0.0, 1.0, 2.5, 4.5, 9.0], requires_grad=True)
    s = module(x)
    assert s.tolist() == [0, 0, 0, 0, 1, 3, 5, 5]
    s.backward(torch.full_like(s, 3.0))
    assert x.grad.tolist() == [0, 0, 3, 3, 3, 3, 0, 0]
    assert module(torch.tensor(0.3)).item() == 0.9999999403953552  # the order of operations shows
    assert list(module.state_dict()) == []
    assert module(torch.ones(2, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.parametrize("name", ["SigmoidGrad", "AtanGrad"])
def test_second_derivative(name):
    module = getattr(S, name)(1.5, requires_grad=False)
    x = torch.tensor([-0.8, -0.1, 0.3, 1.2], dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(module(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    step = 1e-6
    numeric = (slope(name, x.detach() + step, 1.5) - slope(name, x.detach() - step, 1.5)) / (2 * step)
    assert torch.allclose(second, numeric, atol=1e-6)


@pytest.mark.parametrize("name", ["GateGrad", "STDPGrad", "BackEIGateGrad", "EIGrad"])
def test_a_constant_gradient_has_no_derivative(name):
    x = torch.tensor([-0.7, 0.3], requires_grad=True)
    (first,) = torch.autograd.grad(getattr(S, name)()(x).sum(), x, create_graph=True)
    assert not first.requires_grad


def test_shapes_and_layouts():
    for name in WITH_ALPHA:
        module = getattr(S, name)()
        for x in (
            torch.tensor(0.3),
            torch.zeros(2, 0, 3),
            torch.randn(4, 3).t(),
            torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
            torch.randn(1, 3).expand(4, 3),
        ):
            leaf = x.detach().requires_grad_()
            s = module(leaf)
            s.sum().backward()
            assert torch.equal(s, module(x.contiguous()))
            assert leaf.grad.shape == s.shape == x.shape


def test_graph_rules():
    module = S.SigmoidGrad()
    assert module(torch.ones(2)).grad_fn is None
    x = torch.tensor([0.2, -0.4], requires_grad=True)
    s = module(x).sum()
    s.backward(retain_graph=True)
    s.backward()
    assert torch.equal(x.grad / 2, slope("SigmoidGrad", x.detach(), 1.0).float())
    for name, raises in (
        ("AtanGrad", True),
        ("SigmoidGrad", True),
        ("QGateGrad", False),
        ("GateGrad", False),
    ):
        module = getattr(S, name)(requires_grad=False)
        x = torch.tensor([0.2, -0.4], requires_grad=True)
        inside = x * 1.0
        s = module(inside)
        inside.add_(1.0)
        if raises:
            with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                s.sum().backward()
        else:
            s.sum().backward()
            assert torch.allclose(x.grad.double(), slope(name, torch.tensor([0.2, -0.4]), 2.0), atol=1e-6)


def test_copies():
    module = S.AtanGrad(1.25)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert other.alpha.item() == 1.25
        assert other.alpha is not module.alpha
    other = S.AtanGrad()
    other.load_state_dict(module.state_dict())
    assert other.alpha.item() == 1.25
    source = torch.tensor(3.0)
    module = S.AtanGrad(source)
    source.fill_(0.0)
    assert module.alpha.item() == 3.0


@pytest.mark.parametrize("alpha", [None, "2", {}])
def test_an_alpha_that_is_no_number_is_refused(alpha):
    with pytest.raises(TypeError, match=r"AtanGrad: alpha=.* is not accepted; expected a number"):
        S.AtanGrad(alpha)


def test_the_base_class_has_no_spike_function():
    base = S.SurrogateFunctionBase(2.0)
    assert base.alpha.requires_grad
    with pytest.raises(NotImplementedError, match="act_fun"):
        base(torch.ones(1))


def test_descriptions():
    spec = S.AtanGrad(1.5).__describe__()
    assert spec == SurrogateSpec(
        "atan_tensor_alpha", (("alpha", 1.5),), ("alpha",), fire=">", output="float32"
    )
    assert S.AtanGrad(1.5, False).__describe__().learnable == ()
    assert S.SigmoidGrad(1.5, True).__describe__().learnable == ()
    assert S.SigmoidGrad().__describe__().fire == ">="
    assert S.EIGrad().__describe__().fire == "sign"
    assert S.RoundGrad().__describe__() == SurrogateSpec("round_window", fire="ceil")


def test_heaviside():
    x = torch.tensor([-1.0, -0.0, 0.0, 2.0, math.nan], dtype=torch.float64)
    assert S.heaviside(x).tolist() == [0, 1, 1, 1, 0]
    assert S.heaviside(x).dtype == torch.float64
