"""SpikingJelly's surrogate names: signatures, functional forms, homes, documentation."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn

from unisnn.spikingjelly import surrogate

FUNCTIONALS = {
    "piecewise_quadratic_backward": "grad_output, x, alpha",
    "piecewise_exp_backward": "grad_output, x, alpha",
    "sigmoid_backward": "grad_output, x, alpha",
    "soft_sign_backward": "grad_output, x, alpha",
    "super_spike_backward": "grad_output, x, alpha",
    "atan_backward": "grad_output, x, alpha",
    "nonzero_sign_log_abs_backward": "grad_output, x, alpha",
    "erf_backward": "grad_output, x, alpha",
    "piecewise_leaky_relu_backward": "grad_output, x, w, c",
    "leaky_k_relu_backward": "grad_output, x, leak, k",
    "fake_numerical_gradient_backward": "grad_output, x, alpha",
    "log_tailed_relu_backward": "grad_output, x, alpha",
    "deterministic_pass_backward": "grad_output, x, alpha=1.0",
    "rect_backward": "grad_output, x, alpha",
}
AUTOGRAD = {
    "piecewise_quadratic": "ctx, x, alpha",
    "piecewise_exp": "ctx, x, alpha",
    "sigmoid": "ctx, x, alpha",
    "soft_sign": "ctx, x, alpha",
    "super_spike": "ctx, x, alpha",
    "atan": "ctx, x, alpha",
    "nonzero_sign_log_abs": "ctx, x, alpha",
    "erf": "ctx, x, alpha",
    "piecewise_leaky_relu": "ctx, x, w=1, c=0.01",
    "squarewave_fourier_series": "ctx, x, n, T_period",
    "s2nn": "ctx, x, alpha, beta",
    "q_pseudo_spike": "ctx, x, alpha",
    "leaky_k_relu": "ctx, x, leak, k",
    "fake_numerical_gradient": "ctx, x, alpha",
    "log_tailed_relu": "ctx, x, alpha",
    "deterministic_pass": "ctx, x, alpha=1.0",
    "rect": "ctx, x, alpha",
    "poisson_pass": "ctx, x",
}
CLASSES = {
    "PiecewiseQuadratic": "alpha=1.0, spiking=True",
    "PiecewiseExp": "alpha=1.0, spiking=True",
    "Sigmoid": "alpha=4.0, spiking=True",
    "SoftSign": "alpha=2.0, spiking=True",
    "SuperSpike": "alpha=1.0, spiking=True",
    "ATan": "alpha=2.0, spiking=True",
    "NonzeroSignLogAbs": "alpha=1.0, spiking=True",
    "Erf": "alpha=2.0, spiking=True",
    "PiecewiseLeakyReLU": "w=1.0, c=0.01, spiking=True",
    "SquarewaveFourierSeries": "n=2, T_period=8, spiking=True",
    "S2NN": "alpha=4.0, beta=1.0, spiking=True",
    "QPseudoSpike": "alpha=2.0, spiking=True",
    "LeakyKReLU": "spiking=True, leak=0.0, k=1.0",
    "FakeNumericalGradient": "alpha=0.3",
    "LogTailedReLU": "alpha=0.0, spiking=True",
    "DeterministicPass": "alpha=1.0, spiking=True",
    "Rect": "alpha=1.0, spiking=True",
}
OTHERS = {
    "SurrogateFunctionBase": "alpha, spiking=True",
    "MultiArgsSurrogateFunctionBase": "spiking, *args, **kwargs",
    "heaviside": "x",
    "check_manual_grad": "primitive_function, spiking_function, *args, **kwargs",
    "check_cuda_grad": "neu, surrogate_function, device, *args, **kwargs",
}
CONSTANTS = {"tab4_str": "\t" * 4, "curly_bracket_l": "{", "curly_bracket_r": "}"}
HOME = "unisnn.spikingjelly.activation_based.surrogate"


def parameters_of(callable_: object) -> str:
    shown = []
    for p in inspect.signature(callable_).parameters.values():  # type: ignore[arg-type]
        if p.name == "self":
            continue
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        shown.append(f"{star}{p.name}" + ("" if p.default is p.empty else f"={p.default}"))
    return ", ".join(shown)


def make(name: str, *args: object, **kwargs: object) -> nn.Module:
    return getattr(surrogate, name)(*args, **kwargs)


def gradient(module: nn.Module, x: torch.Tensor, g: torch.Tensor | None = None) -> torch.Tensor:
    x = x.clone().requires_grad_()
    y = module(x)
    y.backward(torch.ones_like(y) if g is None else g)
    assert x.grad is not None
    return x.grad


def test_names_are_the_54_documented_ones() -> None:
    documented = {*FUNCTIONALS, *AUTOGRAD, *CLASSES, *OTHERS}
    assert len(documented) == 54
    assert set(surrogate.__all__) == documented | set(CONSTANTS)
    visible = {name for name in vars(surrogate) if not name.startswith("_") and name != "annotations"}
    assert visible == set(surrogate.__all__)


@pytest.mark.parametrize(("name", "signature"), [*FUNCTIONALS.items(), *CLASSES.items(), *OTHERS.items()])
def test_signatures(name: str, signature: str) -> None:
    assert parameters_of(getattr(surrogate, name)) == signature


@pytest.mark.parametrize(("name", "signature"), AUTOGRAD.items())
def test_autograd_signatures(name: str, signature: str) -> None:
    function = getattr(surrogate, name)
    assert issubclass(function, torch.autograd.Function)
    assert parameters_of(function.forward) == signature
    assert parameters_of(function.backward) == "ctx, grad_output"


@pytest.mark.parametrize("name", surrogate.__all__)
def test_home_and_documentation(name: str) -> None:
    thing = getattr(surrogate, name)
    if name in CONSTANTS:
        assert thing == CONSTANTS[name]
        return
    assert thing.__module__ == HOME
    assert pickle.loads(pickle.dumps(thing)) is thing
    for section in ("::\n", "Args:", "Shape:", "Raises:", "Source:"):
        assert section in (thing.__doc__ or ""), section
    if isinstance(thing, type):
        for attribute, value in vars(thing).items():
            if callable(getattr(thing, attribute)) and not attribute.startswith("_"):
                assert inspect.getdoc(getattr(thing, attribute)), f"{name}.{attribute} of {value}"


def test_one_module_whatever_the_path() -> None:
    import unisnn.spikingjelly.activation_based.surrogate as long_name

    assert surrogate is long_name is sys.modules[HOME]
    assert [cls.__name__ for cls in surrogate._has_cuda_] == [
        *("ATan", "Sigmoid", "PiecewiseLeakyReLU", "S2NN", "QPseudoSpike", "LeakyKReLU"),
        "FakeNumericalGradient",
    ]


def test_import_is_quiet_and_light() -> None:
    code = (
        "import sys; from unisnn.spikingjelly import surrogate; surrogate.ATan();"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('spikingjelly', 'cupy', 'matplotlib') or m.startswith(('unisnn.braincog', 'unisnn.snngrow'))])"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
    assert run.stderr == ""


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_functional_forms(name: str) -> None:
    function = getattr(surrogate, name)
    names = [p.partition("=")[0] for p in FUNCTIONALS[name].split(", ")][2:]
    values = [2, 3][: len(names)]
    x, g = torch.randn(2, 33, generator=torch.Generator().manual_seed(2))
    by_position = function(g, x, *values)
    by_name = function(grad_output=g, x=x, **dict(zip(names, map(float, values), strict=True)))
    assert by_position[1:] == by_name[1:] == (None,) * len(names)
    assert torch.equal(by_position[0], by_name[0])
    cls = next(c for c in CLASSES if name == f"{_snake(c)}_backward")
    module = make(cls, **dict(zip(names, values, strict=True)))
    assert torch.equal(by_position[0], gradient(module, x, g))
    assert torch.equal(by_position[0], getattr(surrogate, cls).backward(g, x, *values))
    xx = x.clone().requires_grad_()
    getattr(surrogate, name[: -len("_backward")]).apply(xx, *values).backward(g)
    assert torch.equal(by_position[0], xx.grad)  # type: ignore[arg-type]


def _snake(name: str) -> str:
    special = {"ATan": "atan", "LeakyKReLU": "leaky_k_relu", "PiecewiseLeakyReLU": "piecewise_leaky_relu"}
    special |= {"LogTailedReLU": "log_tailed_relu"}
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return special.get(name, spaced.lstrip("_"))


@pytest.mark.parametrize("name", [name for name in FUNCTIONALS if name != "deterministic_pass_backward"])
def test_functional_forms_refuse_numbers(name: str) -> None:
    values = [2.0] * (len(FUNCTIONALS[name].split(", ")) - 2)
    with pytest.raises(TypeError):
        getattr(surrogate, name)(torch.ones(1), 0.5, *values)


@pytest.mark.parametrize("name", [name for name in AUTOGRAD if name != "piecewise_leaky_relu"])
def test_autograd_functions_refuse_numbers(name: str) -> None:
    values = [2] * (len(AUTOGRAD[name].split(", ")) - 2)
    with pytest.raises(TypeError):
        getattr(surrogate, name).apply(0.5, *values)


def test_arguments_of_apply_may_be_left_out() -> None:
    x = torch.tensor([-3.0, 0.5], requires_grad=True)
    surrogate.piecewise_leaky_relu.apply(x).sum().backward()
    assert x.grad.tolist() == pytest.approx([0.01, 0.5])  # type: ignore[union-attr]
    x.grad = None
    surrogate.deterministic_pass.apply(x).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]  # type: ignore[union-attr]


def test_poisson_pass() -> None:
    x = torch.tensor([0.0, 1.0, 0.5, 0.25], dtype=torch.float64, requires_grad=True)
    torch.manual_seed(7)
    y = surrogate.poisson_pass.apply(x)
    torch.manual_seed(7)
    assert torch.equal(y, torch.bernoulli(x.detach()).float())
    assert y.dtype == torch.float32
    assert y[:2].tolist() == [0.0, 1.0]
    y.backward(torch.tensor([1.0, 2.0, 3.0, 4.0]))
    assert x.grad.tolist() == [1.0, 2.0, 3.0, 4.0]  # type: ignore[union-attr]
    with pytest.raises(RuntimeError):
        surrogate.poisson_pass.apply(torch.tensor([1.5]))
