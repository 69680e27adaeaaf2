"""Mutants of surrogates: a wrong alpha, a wrong fire rule, a gradient or primitive off by a few units.

The gradient and the primitive of every family are made wrong by the factor ``1 + 16*eps``, which is just
outside the gradient rule and the bound for recorded values; the comparison must see it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__ = ["FAMILIES"]

_SJ, _BC, _SG, _QU = "spikingjelly*", "braincog*", "snngrow*", "qualia*"
_SJ_PATH, _BC_PATH = "activation_based.surrogate", "base.strategy.surrogate"
_QU_PATH = "learningmodel.pytorch.layers.CustomNode"

FAMILIES: dict[str, tuple[tuple[str, str], ...]] = {
    "piecewise_quadratic": ((_SJ, f"{_SJ_PATH}.PiecewiseQuadratic"),),
    "piecewise_exp": ((_SJ, f"{_SJ_PATH}.PiecewiseExp"),),
    "sigmoid": ((_SJ, f"{_SJ_PATH}.Sigmoid"), (_SG, "base.surrogate.Sigmoid.Sigmoid")),
    "soft_sign": ((_SJ, f"{_SJ_PATH}.SoftSign"),),
    "super_spike": (("spikingjelly==2*", f"{_SJ_PATH}.SuperSpike"),),
    "atan": ((_SJ, f"{_SJ_PATH}.ATan"), ("snngrow==*", "base.surrogate.ATan.ATan")),
    "nonzero_sign_log_abs": (("spikingjelly==2*", f"{_SJ_PATH}.NonzeroSignLogAbs"),),
    "erf": ((_SJ, f"{_SJ_PATH}.Erf"),),
    "piecewise_leaky_relu": (("spikingjelly==2*|spikingjelly@*", f"{_SJ_PATH}.PiecewiseLeakyReLU"),),
    "piecewise_leaky_relu_full_height": (("spikingjelly==0*", f"{_SJ_PATH}.PiecewiseLeakyReLU"),),
    "squarewave_fourier_series": ((_SJ, f"{_SJ_PATH}.SquarewaveFourierSeries"),),
    "s2nn": ((_SJ, f"{_SJ_PATH}.S2NN"),),
    "q_pseudo_spike": ((_SJ, f"{_SJ_PATH}.QPseudoSpike"),),
    "leaky_k_relu": ((_SJ, f"{_SJ_PATH}.LeakyKReLU"),),
    "fake_numerical_gradient": ((_SJ, f"{_SJ_PATH}.FakeNumericalGradient"),),
    "log_tailed_relu": ((_SJ, f"{_SJ_PATH}.LogTailedReLU"),),
    "deterministic_pass": (("spikingjelly==2*|spikingjelly@*", f"{_SJ_PATH}.DeterministicPass"),),
    "rect": (("spikingjelly==2*|spikingjelly@*", f"{_SJ_PATH}.Rect"),),
    "sigmoid_tensor_alpha": ((_BC, f"{_BC_PATH}.SigmoidGrad"),),
    "atan_tensor_alpha": ((_BC, f"{_BC_PATH}.AtanGrad"),),
    "gate": ((_BC, f"{_BC_PATH}.GateGrad"),),
    "quadratic_gate": ((_BC, f"{_BC_PATH}.QGateGrad"),),
    "relu_like": ((_BC, f"{_BC_PATH}.ReLUGrad"),),
    "stdp": ((_BC, f"{_BC_PATH}.STDPGrad"),),
    "back_ei_gate": ((_BC, f"{_BC_PATH}.BackEIGateGrad|{_BC_PATH}.EIGrad"),),
    "straight_through": ((_BC, f"{_BC_PATH}.straight_through_estimator"),),
    "round_window": ((_BC, f"{_BC_PATH}.RoundGrad"),),
    "sigmoid_vector_alpha": ((_QU, f"{_QU_PATH}.SpikeFunctionSigmoid"),),
}
"""Each gradient family with the editions and symbols that use it."""

_ANY = f"{_SJ_PATH}.*|{_BC_PATH}.*|base.surrogate.*|{_QU_PATH}.heaviside|{_QU_PATH}.SpikeFunctionSigmoid"
_NO_PRIMITIVE = {"super_spike", "fake_numerical_gradient", "piecewise_leaky_relu_full_height"}
_PRIMITIVE_USERS = {"piecewise_leaky_relu": ((_SJ, f"{_SJ_PATH}.PiecewiseLeakyReLU"),)}
_BC_FUNCTIONS, _TENSOR_ALPHA = (
    "unisnn.braincog.base.strategy._functions",
    "unisnn.core.surrogate.tensor_alpha",
)
_ELSEWHERE: dict[str, tuple[str, str]] = {
    "deterministic_pass": ("unisnn.spikingjelly.activation_based.surrogate", "deterministic_pass.backward"),
    "atan_tensor_alpha": (_TENSOR_ALPHA, "atan_gradients"),
    "gate": (_TENSOR_ALPHA, "gate_slope"),
    "quadratic_gate": (_TENSOR_ALPHA, "quadratic_gate_slope"),
    "back_ei_gate": (_TENSOR_ALPHA, "back_ei_slope"),
    "round_window": ("unisnn.braincog.base.strategy.surrogate", "RoundGrad.forward"),
    "stdp": (_BC_FUNCTIONS, "_times_saved"),
    "straight_through": (_BC_FUNCTIONS, "straight_through_estimator.backward"),
}
"""Families whose gradient the namespaces reach by another function than the family's own."""
_ALPHAS = "*/alpha=*"


def _scaled(gradient: Callable[..., Any]) -> Callable[..., Any]:
    def wrong(*arguments: Any) -> Any:
        import torch

        right = gradient(*arguments)
        first, *others = right if isinstance(right, tuple) else (right,)
        if first is not None:
            dtype = first.dtype if first.dtype.is_floating_point else torch.float32
            first = first * (1 + 16 * torch.finfo(dtype).eps)
        return (first, *others) if isinstance(right, tuple) else first

    return wrong


def _nudged(primitive: Callable[..., Any]) -> Callable[..., Any]:
    def wrong(*arguments: Any) -> Any:
        import torch

        right = primitive(*arguments)
        return right * (1 + 16 * torch.finfo(right.dtype).eps)

    return wrong


@contextlib.contextmanager
def _replaced(name: str, attribute: str, wrap: Callable[..., Any]) -> Iterator[None]:
    from unisnn.core.surrogate import family

    found = family(name)
    before = getattr(found, attribute)
    object.__setattr__(found, attribute, wrap(before))
    try:
        yield
    finally:
        object.__setattr__(found, attribute, before)


@contextlib.contextmanager
def _wrapped(module: str, path: str, wrap: Callable[..., Any]) -> Iterator[None]:
    """Wrap a function of a module, or a method of a class in it, that callers look up by name."""
    owner: Any = importlib.import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    before, wrapped = owner.__dict__[name], wrap(getattr(owner, name))
    setattr(owner, name, staticmethod(wrapped) if isinstance(before, staticmethod) else wrapped)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _above(x):  # type: ignore[no-untyped-def]
    return (x > 0).to(x)


def _at_or_above_as_float32(x):  # type: ignore[no-untyped-def]
    return (x >= 0).float()


@patch("fire/above")
def _strict() -> contextlib.AbstractContextManager[None]:
    from unisnn.core import spike

    return swapped_code(spike.at_or_above, _above)


@patch("fire/at-or-above")
def _lax() -> contextlib.AbstractContextManager[None]:
    functions = importlib.import_module(_BC_FUNCTIONS)
    return swapped_code(functions._above_as_float32, _at_or_above_as_float32)


def _more(value: Any) -> Any:
    """Return a number, or a tensor recipe, a sixteenth larger; ``None`` for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value * 1.0625 if value else 0.0625
    if isinstance(value, Mapping) and value.keys() & {"$tensor", "$parameter"}:
        ((word, recipe),) = value.items()
        return {word: {**recipe, "values": [_more(item) for item in recipe["values"]]}}
    return None


def _alpha_off(case: Case) -> Case | None:
    """Make the first parameter a sixteenth larger."""
    if case.args:
        more = _more(case.args[0])
        return None if more is None else case.with_(args=(more, *case.args[1:]))
    for name in ("alpha", "w", "leak"):
        if name in case.kwargs:
            return case.with_(kwargs={**case.kwargs, name: _more(case.kwargs[name])})
    return None


def _flipped(case: Case) -> Case | None:
    """Switch between spikes and the primitive."""
    if "set_spiking" in case.calls:
        return case.with_(calls={**case.calls, "set_spiking": not case.calls["set_spiking"]})
    if isinstance(case.args[-1:], tuple) and case.args and isinstance(case.args[-1], bool):
        return case.with_(args=(*case.args[:-1], not case.args[-1]))
    return case.with_(kwargs={**case.kwargs, "spiking": not case.kwargs.get("spiking", True)})


def _accepted(case: Case) -> Case:
    """Give a good value where the case gives one that must be refused."""
    if case.args:
        return case.with_(args=({"$tensor": {"kind": "values", "values": [4.0], "shape": [1]}},))
    good: dict[str, Any] = {"alpha": 2.0, "w": 1.0, "n": 2, "T_period": 8}
    return case.with_(kwargs={name: good.get(name, value) for name, value in case.kwargs.items()})


def _library(edition: str) -> str:
    return re.split("[*=@]", edition)[0]


def _gradient_patch(name: str) -> contextlib.AbstractContextManager[None]:
    if name in _ELSEWHERE:
        return _wrapped(*_ELSEWHERE[name], _scaled)
    return _replaced(name, "gradient", _scaled)


def _register() -> None:
    for name, users in FAMILIES.items():
        patch(f"gradient/{name}")(functools.partial(_gradient_patch, name))
        patch(f"primitive/{name}")(functools.partial(_replaced, name, "primitive", _nudged))
        for edition, symbol in users:
            family = "function" if name in ("straight_through", "sigmoid_vector_alpha") else "surrogate"
            text = f"the gradient of {name} is wrong by the factor 1 + 16*eps"
            add(
                Mutant(
                    f"gradient/{name}/{_library(edition)}",
                    family,
                    edition,
                    text,
                    symbol,
                    patch=f"gradient/{name}",
                )
            )
        for edition, symbol in _PRIMITIVE_USERS.get(name, users):
            if edition not in (_BC, _QU) and name not in _NO_PRIMITIVE:
                text = f"the primitive of {name} is wrong by the factor 1 + 16*eps"
                which = f"primitive/{name}"
                add(Mutant(f"{which}/{_library(edition)}", "primitive", edition, text, symbol, patch=which))
    strict = "spikes need x > 0 instead of x >= 0"
    for family, editions in (
        ("surrogate", "spikingjelly*|snngrow*"),
        ("layout", "spikingjelly*|snngrow==*|qualia*"),
        ("integer", "spikingjelly*|snngrow==*"),
        ("heaviside", "spikingjelly*|snngrow*|qualia*"),
        ("function", "spikingjelly==*|snngrow==*|qualia*"),
        ("static", "spikingjelly==*|snngrow==*"),
    ):
        add(Mutant(f"fire/{family}", family, editions, strict, _ANY, patch="fire/above", limit=40))
    for family in ("surrogate", "function", "integer", "alpha_gradient"):
        bc = (
            "SigmoidGrad|ReLUGrad|sigmoid|relu_like",
            "AtanGrad|GateGrad|QGateGrad|atan|gate|quadratic_gate",
        )
        symbols = ["|".join(f"{_BC_PATH}.{name}" for name in names.split("|")) for names in bc]
        add(Mutant(f"braincog/fire/{family}", family, _BC, strict, symbols[0], patch="fire/above", limit=20))
        lax = "spikes need x >= 0 instead of x > 0"
        wrong = Mutant(
            f"braincog/fire-lax/{family}", family, _BC, lax, symbols[1], patch="fire/at-or-above", limit=20
        )
        add(wrong)
    off = "the first parameter is a sixteenth too large"
    for family in (
        "surrogate",
        "primitive",
        "functional",
        "function",
        "static",
        "double_backward",
        "alpha_gradient",
    ):
        add(Mutant(f"alpha/{family}", family, "*", off, _ANY, case=_ALPHAS, change=_alpha_off, limit=8))
    flip = "spikes where the primitive is asked for, or the other way round"
    for family in ("primitive", "positional"):
        add(Mutant(f"spiking/{family}", family, "*", flip, _ANY, change=_flipped))
    add(
        Mutant(
            "accepting/refusal",
            "refusal",
            "spikingjelly==*|braincog*",
            "a bad argument is accepted",
            _ANY,
            change=_accepted,
            limit=2,
        )
    )


_register()
