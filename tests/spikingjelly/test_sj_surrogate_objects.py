"""SpikingJelly's surrogates as objects: copies, subclasses, bad arguments, checks, editions, descriptions."""

from __future__ import annotations

import copy
import io
import pickle

import pytest
import torch
from torch import nn

from unisnn.core import edition
from unisnn.spikingjelly import surrogate

CLASSES = [
    *("PiecewiseQuadratic", "PiecewiseExp", "Sigmoid", "SoftSign", "SuperSpike", "ATan", "NonzeroSignLogAbs"),
    *("Erf", "PiecewiseLeakyReLU", "SquarewaveFourierSeries", "S2NN", "QPseudoSpike", "LeakyKReLU"),
    *("FakeNumericalGradient", "LogTailedReLU", "DeterministicPass", "Rect"),
]

X = torch.tensor([-3.0, -2.0, -0.5, 0.0, 1.0, 2.0, 5.0])


def make(name: str, *args: object, **kwargs: object) -> nn.Module:
    return getattr(surrogate, name)(*args, **kwargs)


def gradient(module: nn.Module, x: torch.Tensor, g: torch.Tensor | None = None) -> torch.Tensor:
    x = x.clone().requires_grad_()
    y = module(x)
    y.backward(torch.ones_like(y) if g is None else g)
    assert x.grad is not None
    return x.grad


def _snake(name: str) -> str:
    special = {"ATan": "atan", "LeakyKReLU": "leaky_k_relu", "PiecewiseLeakyReLU": "piecewise_leaky_relu"}
    special |= {"LogTailedReLU": "log_tailed_relu"}
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return special.get(name, spaced.lstrip("_"))


@pytest.mark.parametrize("name", CLASSES)
def test_copies(name: str) -> None:
    module = make(name)
    x = torch.tensor([-0.7, 0.2, 1.1])
    buffer = io.BytesIO()
    torch.save(module, buffer)
    buffer.seek(0)
    saved = torch.load(buffer, weights_only=False)
    for other in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module), saved):
        assert type(other) is type(module)
        assert repr(other) == repr(module)
        assert other.__describe__() == module.__describe__()
        assert torch.equal(gradient(other, x), gradient(module, x))
    assert not module.state_dict()


class Third(surrogate.SurrogateFunctionBase):
    """A surrogate as a third party writes one."""

    def __init__(self, alpha: float = 2.0, spiking: bool = True) -> None:
        super().__init__(alpha, spiking)

    @staticmethod
    def spiking_function(x: torch.Tensor, alpha: float) -> torch.Tensor:
        return surrogate.sigmoid.apply(x, alpha)

    @staticmethod
    def primitive_function(x: torch.Tensor, alpha: float) -> torch.Tensor:
        return (x * alpha).sigmoid()

    @staticmethod
    def backward(grad_output: torch.Tensor, x: torch.Tensor, alpha: float) -> torch.Tensor:
        return surrogate.sigmoid_backward(grad_output, x, alpha)[0]


class Bent(surrogate.Sigmoid):
    """A subclass that bends the gradient."""

    @staticmethod
    def spiking_function(x: torch.Tensor, alpha: float) -> torch.Tensor:
        return surrogate.atan.apply(x, alpha)


class BentWindow(surrogate.PiecewiseLeakyReLU):
    """A multi-argument subclass that bends the gradient."""

    @staticmethod
    def spiking_function(x: torch.Tensor, w: float, c: float) -> torch.Tensor:
        return surrogate.leaky_k_relu.apply(x, c, w)


def test_third_party_subclasses() -> None:
    x = torch.tensor([-0.5, 0.25])
    third = Third(3.0)
    assert repr(third) == "Third(alpha=3.0, spiking=True)"
    assert torch.equal(gradient(third, x), gradient(surrogate.Sigmoid(3.0), x))
    assert torch.equal(Third(3.0, spiking=False)(x), surrogate.Sigmoid(3.0, False)(x))
    with pytest.raises(NotImplementedError, match="Third has no CUDA text"):
        third.cuda_code("x", "y")
    assert "Third.cuda_code" in third.cuda_code_start_comments()
    assert torch.equal(gradient(Bent(3.0), x), gradient(surrogate.ATan(3.0), x))
    assert gradient(BentWindow(w=0.5, c=0.25), x).tolist() == [0.25, 0.5]
    for custom in (Bent(), BentWindow()):
        with pytest.raises(TypeError, match=r"spiking_function overrides .* no description"):
            custom.__describe__()


def test_what_a_surrogate_of_two_parameters_shows_depends_on_the_edition() -> None:
    assert repr(surrogate.S2NN(2.0)) == "S2NN(alpha=2.0, beta=1.0, spiking=True)"
    for version in ("0.0.0.0.14", "0.0.0.0.12"):
        with edition.using("spikingjelly", version):
            assert repr(surrogate.S2NN(2.0)) == "S2NN()"
            assert repr(surrogate.Sigmoid(2.0)) == "Sigmoid(alpha=2.0, spiking=True)"


def test_the_bases_alone() -> None:
    assert repr(surrogate.SurrogateFunctionBase(1.5)) == "SurrogateFunctionBase(alpha=1.5, spiking=True)"
    base = surrogate.SurrogateFunctionBase(1.5)
    for spiking in (True, False):
        base.set_spiking_mode(spiking)
        with pytest.raises(NotImplementedError, match="defined by a subclass"):
            base(torch.zeros(1))
    multi = surrogate.MultiArgsSurrogateFunctionBase(True, 1, 2, leak=3)
    assert multi.spiking is True
    with pytest.raises(NotImplementedError):
        multi(torch.zeros(1))
    for module in (base, multi):
        with pytest.raises(NotImplementedError, match="no CUDA text"):
            module.cuda_codes("y", "x", "float")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: surrogate.Sigmoid("4"), TypeError, "Sigmoid: alpha='4'"),
        (lambda: surrogate.ATan(None), TypeError, "ATan: alpha=None"),
        (lambda: surrogate.DeterministicPass(False), TypeError, "DeterministicPass: alpha=False"),
        (lambda: surrogate.Erf(2.0, "no"), TypeError, "Erf: spiking='no'"),
        (lambda: surrogate.SoftSign(0.0), AssertionError, "SoftSign: alpha=0.0 .* above 0"),
        (lambda: surrogate.PiecewiseLeakyReLU(w=-1.0), AssertionError, "w=-1.0 .* above 0"),
        (lambda: surrogate.PiecewiseLeakyReLU(c="x"), TypeError, "c='x'"),
        (lambda: surrogate.SquarewaveFourierSeries(n=2.0), AssertionError, "n=2.0 .* an int"),
        (lambda: surrogate.SquarewaveFourierSeries(T_period=0), AssertionError, "T_period=0 .* above 0"),
        (lambda: surrogate.S2NN(beta=[1]), TypeError, r"S2NN: beta=\[1\]"),
        (lambda: surrogate.LeakyKReLU(0.1, 0.7), TypeError, r"spiking=0.1 .* \(spiking, leak, k\)"),
        (lambda: surrogate.LeakyKReLU(0, 1), TypeError, "spiking=0 "),
        (lambda: surrogate.LeakyKReLU(True, None), TypeError, "LeakyKReLU: leak=None"),
        (lambda: surrogate.SuperSpike(spiking=False)(torch.zeros(1)), NotImplementedError, "no primitive"),
        (lambda: surrogate.check_cuda_grad(None, None, "cpu"), RuntimeError, "device=cpu .* CUDA device"),
    ],
)
def test_bad_arguments(call: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()  # type: ignore[operator]


def test_check_cuda_grad_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="NVIDIA GPU, its driver and a CUDA build of PyTorch"):
        surrogate.check_cuda_grad(None, surrogate.ATan, "cuda:0")


def test_check_cuda_grad_compares_two_backends(capsys: pytest.CaptureFixture[str]) -> None:
    from unisnn.spikingjelly.activation_based.surrogate import _checks

    asked = []

    class Step(nn.Module):
        def __init__(self, surrogate_function: nn.Module, step_mode: str) -> None:
            super().__init__()
            assert step_mode == "m"
            self.surrogate_function = surrogate_function
            self.backend = "torch"

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            asked.append((self.backend, x.dtype, tuple(x.shape)))
            return self.surrogate_function(x) * (2 if self.backend == "cupy" else 1)

    _checks._compare_backends(Step, lambda: surrogate.ATan(4.0), torch.device("cpu"))
    assert asked == [
        (backend, dtype, (8, 64)) for dtype in (torch.float32, torch.float16) for backend in ("torch", "cupy")
    ]
    printed = capsys.readouterr().out
    for dtype in ("torch.float32", "torch.float16"):
        assert f"check_cuda_grad, {dtype}, 512 points" in printed
    assert printed.count("largest difference") == 2
    assert "largest difference 0 " not in printed  # the two backends above disagree


def test_check_manual_grad_prints_both_gradients(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        surrogate.check_manual_grad(surrogate.S2NN.primitive_function, surrogate.s2nn.apply, 4.0, 1.0) is None
    )

    def apply(x: torch.Tensor, alpha: float) -> torch.Tensor:
        return surrogate.sigmoid.apply(x, alpha)

    surrogate.check_manual_grad(surrogate.Sigmoid.primitive_function, apply, alpha=4.0)
    first, second = capsys.readouterr().out.split("check_manual_grad, 1024 points")[1:]
    assert "largest difference 1.00136e-05 at x[512] = 0: auto 0.99999, manual 1" in first
    assert "auto" in second
    assert "manual" in second
    with pytest.raises(TypeError):
        surrogate.check_manual_grad(surrogate.Sigmoid.primitive_function, apply)


def test_the_window_height_follows_the_edition() -> None:
    x = torch.zeros(1)
    late = surrogate.PiecewiseLeakyReLU(w=2.0)
    with edition.using("spikingjelly", "0.0.0.0.14"):
        early = surrogate.PiecewiseLeakyReLU(w=2.0)
        assert gradient(late, x).item() == 0.25
        assert gradient(early, x).item() == 0.5
        assert surrogate.piecewise_leaky_relu_backward(torch.ones(1), x, 2.0, 0.0)[0].item() == 0.5
        assert surrogate.PiecewiseLeakyReLU.backward(torch.ones(1), x, 2.0, 0.0).item() == 0.5
        leaf = torch.zeros(1, requires_grad=True)
        y = surrogate.piecewise_leaky_relu.apply(leaf, 2.0, 0.0)
    y.backward()  # the edition of the forward pass counts
    assert leaf.grad.item() == 0.5  # type: ignore[union-attr]
    assert gradient(early, x).item() == 0.5  # made under 0.0.0.0.14, and stays so
    assert gradient(copy.deepcopy(early), x).item() == 0.5
    assert gradient(surrogate.PiecewiseLeakyReLU(w=2.0), x).item() == 0.25
    assert surrogate.piecewise_leaky_relu_backward(torch.ones(1), x, 2.0, 0.0)[0].item() == 0.25
    assert late.__describe__().family == "piecewise_leaky_relu"
    assert early.__describe__().family == "piecewise_leaky_relu_full_height"
    early.set_spiking_mode(False)
    late.set_spiking_mode(False)
    assert torch.equal(early(X), late(X))  # the primitive is one


def test_a_state_without_a_height_takes_the_edition_in_force() -> None:
    state = surrogate.PiecewiseLeakyReLU(w=2.0).__dict__.copy()
    del state["_full_height"]  # as a genuine object's pickle has it
    with edition.using("spikingjelly", "0.0.0.0.14"):
        restored = surrogate.PiecewiseLeakyReLU.__new__(surrogate.PiecewiseLeakyReLU)
        restored.__setstate__(state)
    assert gradient(restored, torch.zeros(1)).item() == 0.5


DESCRIPTIONS = {
    "PiecewiseLeakyReLU": ("piecewise_leaky_relu", {"w": 1.0, "c": 0.01}),
    "SquarewaveFourierSeries": ("squarewave_fourier_series", {"n": 2, "T_period": 8.0}),
    "S2NN": ("s2nn", {"alpha": 4.0, "beta": 1.0}),
    "LeakyKReLU": ("leaky_k_relu", {"leak": 0.0, "k": 1.0}),
    "DeterministicPass": ("deterministic_pass", {}),
    "ATan": ("atan", {"alpha": 2.0}),
    "FakeNumericalGradient": ("fake_numerical_gradient", {"alpha": 0.3}),
}


@pytest.mark.parametrize("name", CLASSES)
def test_description(name: str) -> None:
    module = make(name)
    spec = module.__describe__()
    assert spec.fire == ">="
    assert spec.spiking is True
    assert spec.output == "input"
    assert spec.learnable == ()
    family, parameters = DESCRIPTIONS.get(name, (_snake(name), {"alpha": getattr(module, "alpha", None)}))
    family = {"SoftSign": "soft_sign", "QPseudoSpike": "q_pseudo_spike"}.get(name, family)
    assert spec.family == family
    assert dict(spec.parameters) == parameters
    module.set_spiking_mode(False)
    assert module.__describe__().spiking is False
    assert hash(spec) == hash(make(name).__describe__())


@pytest.mark.parametrize("height", [0.25, 0.5])
def test_a_foreign_window_is_measured(height: float) -> None:
    class Foreign:
        w, c, spiking = 2.0, 0.0, True

        @staticmethod
        def spiking_function(x: torch.Tensor, w: float, c: float) -> torch.Tensor:
            return surrogate.leaky_k_relu.apply(x, c, height)

    spec = surrogate.PiecewiseLeakyReLU.__describe__(Foreign())  # type: ignore[arg-type]
    assert spec.family == ("piecewise_leaky_relu" if height == 0.25 else "piecewise_leaky_relu_full_height")
    assert dict(spec.parameters) == {"w": 2.0, "c": 0.0}
