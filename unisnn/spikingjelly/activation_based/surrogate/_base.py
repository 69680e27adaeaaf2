"""The Heaviside step, the two surrogate base classes and the text constants."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unisnn.core import edition as _edition
from unisnn.core import spec as _spec
from unisnn.core import spike as _spike
from unisnn.core.engines import coverage as _coverage
from unisnn.core.surrogate import Family
from unisnn.core.surrogate import cuda as _cuda

__all__ = [
    "MultiArgsSurrogateFunctionBase",
    "SurrogateFunctionBase",
    "curly_bracket_l",
    "curly_bracket_r",
    "described",
    "heaviside",
    "mode",
    "number",
    "plain",
    "primitive",
    "tab4_str",
]

tab4_str: str = "\t\t\t\t"
"""Four tabs, an indent for CUDA text (spikingjelly ``surrogate.tab4_str``, edition 3756e2f8)."""

curly_bracket_l: str = "{"
"""A left brace, for use in format strings (spikingjelly ``surrogate.curly_bracket_l``, edition 3756e2f8)."""

curly_bracket_r: str = "}"
"""A right brace, for use in format strings (spikingjelly ``surrogate.curly_bracket_r``, edition 3756e2f8)."""


def heaviside(x: Tensor) -> Tensor:
    """Return the Heaviside step of ``x``, elementwise.

    ::

        H(x) = 1 if x >= 0 else 0            H(-0.0) = 1, H(nan) = 0

    Args:
        x: tensor of any shape and any real dtype, integers and bool included.

    Shape: the output has the shape and the dtype of ``x``.

    Raises:
        TypeError: ``x`` is not a tensor.

    Source: spikingjelly ``surrogate.heaviside``, edition 3756e2f8.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"heaviside: x={x!r} is not accepted; expected a torch.Tensor")
    return _spike.at_or_above(x)


def mode(owner: str, spiking: Any) -> bool:
    """Return ``spiking`` if it is a truth value (bool, numpy bool, 0 or 1); ``TypeError`` otherwise."""
    if isinstance(spiking, (bool, np.bool_)) or (isinstance(spiking, int) and spiking in (0, 1)):
        return bool(spiking)
    raise TypeError(f"{owner}: spiking={spiking!r} is not accepted; expected True or False")


def number(owner: str, argument: str, value: Any) -> Any:
    """Return ``value`` if it is a real number or a tensor; ``TypeError`` otherwise."""
    real = isinstance(value, (numbers.Real, np.number)) and not isinstance(value, bool)
    if real or isinstance(value, Tensor):
        return value
    raise TypeError(
        f"{owner}: {argument}={value!r} is not accepted; expected a number, a tensor or a Parameter"
    )


def plain(value: Any) -> Any:
    """Return a number, a numpy scalar or a one-element tensor as a Python number."""
    if isinstance(value, Tensor):
        value = value.detach()
    return value.item() if isinstance(value, (Tensor, np.generic)) else value


def described(module: Any, owner: type, family: Family, *names: str) -> _spec.SurrogateSpec:
    """Return the spec of ``module``, an ``owner`` or a genuine upstream object of the same class.

    A subclass of ``owner`` that computes something else (an overridden ``forward``,
    ``spiking_function`` or ``primitive_function``) raises ``TypeError``.
    """
    if isinstance(module, owner):
        for method in ("forward", "spiking_function", "primitive_function"):
            if getattr(type(module), method) is not getattr(owner, method):
                raise TypeError(
                    f"{type(module).__qualname__}.{method} overrides {owner.__qualname__}.{method}: "
                    "a custom surrogate has no description"
                )
    given = {name: getattr(module, name) for name in names}
    parameters = {name: plain(value) if name == "n" else float(plain(value)) for name, value in given.items()}
    spiking = bool(module.spiking)
    learnable = (
        ()
        if spiking
        else tuple(name for name, value in given.items() if getattr(value, "requires_grad", False))
    )
    return _spec.SurrogateSpec(family.name, _spec.values(**parameters), learnable, spiking=spiking)


def primitive(family: Family, x: Tensor, *parameters: Any) -> Tensor:
    """Return the family's primitive at ``x``; ``NotImplementedError`` where there is none."""
    if family.primitive is None:
        raise NotImplementedError(f"{family.name} has no primitive function; only spiking=True is supported")
    return family.primitive(x, *parameters)


class _Surrogate(_coverage.Fusible, nn.Module):
    """What both documented base classes share: the spiking switch and the CUDA text."""

    spiking: bool
    _family: Family | None = None
    _parameter_names: tuple[str, ...] = ()

    _decides = ("forward", "spiking_function")

    def _fused_gradient(self) -> tuple[Family, tuple[Any, ...], bool] | None:
        parameters = tuple(getattr(self, name) for name in self._parameter_names)
        if not self.spiking or self._family is None or not all(type(p) in (int, float) for p in parameters):
            return None
        return self._family, parameters, False

    def set_spiking_mode(self, spiking: bool) -> None:
        """Choose what ``forward`` gives: spikes (True) or the primitive function (False)."""
        self.spiking = mode(type(self).__qualname__, spiking)

    def _text(self, write: Callable[..., str], y: str, x: str, dtype: str) -> str:
        if self._family is None or self._family.name not in _cuda.FAMILIES_WITH_TEXT:
            raise NotImplementedError(
                f"{type(self).__qualname__} has no CUDA text; its gradient runs in PyTorch only"
            )
        parameters = {name: plain(getattr(self, name)) for name in self._parameter_names}
        return write(self._family.name, parameters, y, x, dtype)

    def cuda_code(self, x: str, y: str, dtype: str = "fp32") -> str:
        """Return CUDA text that declares ``y``, the surrogate gradient at ``x``.

        ::

            y = g'(x)

        Args:
            x: CUDA expression of the input, ``float`` (``"fp32"``) or ``half2`` (``"fp16"``).
            y: name of the variable that the text declares.
            dtype: ``"fp32"`` (default) or ``"fp16"``.

        Raises:
            NotImplementedError: another ``dtype``, or a surrogate without CUDA text.

        Source: spikingjelly ``surrogate.*.cuda_code``, edition 3756e2f8; the text is unisnn's.
        """
        kinds = {"fp32": "float", "fp16": "half2"}
        if dtype not in kinds:
            owner = type(self).__qualname__
            raise NotImplementedError(
                f"{owner}.cuda_code: dtype={dtype!r} is not supported; expected 'fp32' or 'fp16'"
            )
        text = self._text(_cuda.declaration, y, x, kinds[dtype])
        return f"{self.cuda_code_start_comments()}\n{text}{self.cuda_code_end_comments()}\n"

    def cuda_codes(self, y: str, x: str, dtype: str) -> str:
        """Return CUDA text that assigns the surrogate gradient at ``x`` to the variable ``y``.

        ::

            y = g'(x)

        Args:
            y: name of a variable that is declared already.
            x: CUDA expression of the input, of type ``dtype``.
            dtype: ``"float"`` or ``"half2"``.

        Raises:
            NotImplementedError: another ``dtype``, or a surrogate without CUDA text.

        Source: spikingjelly ``surrogate.*.cuda_codes``, edition 3756e2f8; the text is unisnn's.
        """
        return self._text(_cuda.assignment, y, x, dtype)

    def cuda_code_start_comments(self) -> str:
        """Return the comment line that opens :meth:`cuda_code`'s text."""
        return f"// start: {type(self).__module__}.{self._get_name()}.cuda_code"

    def cuda_code_end_comments(self) -> str:
        """Return the comment line that closes :meth:`cuda_code`'s text."""
        return f"// end: {type(self).__module__}.{self._get_name()}.cuda_code"


class SurrogateFunctionBase(_Surrogate):
    """Base of surrogate modules with one parameter.

    ::

        spiking:      y = H(x), dL/dx = dL/dy * g'(x)
        otherwise:    y = g(x)

    A subclass defines the static methods ``spiking_function(x, alpha)`` (an autograd function) and
    ``primitive_function(x, alpha)`` (``g``), and calls ``super().__init__(alpha, spiking)``.

    Args:
        alpha: the parameter; a number, a tensor or an ``nn.Parameter``. A Parameter gets a gradient
            through the primitive function and none through the spikes.
        spiking: True (default) for spikes, False for the primitive function.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``spiking`` is not a truth value.

    Source: spikingjelly ``surrogate.SurrogateFunctionBase``, edition 3756e2f8.
    """

    alpha: Any

    def __init__(self, alpha: Any, spiking: bool = True) -> None:
        super().__init__()
        self.spiking = mode(type(self).__qualname__, spiking)
        self.alpha = alpha

    def extra_repr(self) -> str:
        """Return ``alpha=..., spiking=...``."""
        return f"alpha={self.alpha}, spiking={self.spiking}"

    @staticmethod
    def spiking_function(x: Tensor, alpha: Any) -> Tensor:
        """Return spikes with a surrogate gradient; a subclass defines it."""
        raise NotImplementedError("SurrogateFunctionBase.spiking_function is defined by a subclass")

    @staticmethod
    def primitive_function(x: Tensor, alpha: Any) -> Tensor:
        """Return the function whose derivative the surrogate gradient is; a subclass defines it."""
        raise NotImplementedError("SurrogateFunctionBase.primitive_function is defined by a subclass")

    def forward(self, x: Tensor) -> Tensor:
        """Return ``spiking_function(x, alpha)``, or ``primitive_function(x, alpha)`` if not spiking."""
        if self.spiking:
            if not torch.compiler.is_compiling() and torch._C._are_functorch_transforms_active():
                gradient = self._fused_gradient() if self._runs_library_code() else None
                if gradient is not None:
                    return _spike.transformed(x, *gradient[:2])
            return self.spiking_function(x, self.alpha)
        return self.primitive_function(x, self.alpha)


class MultiArgsSurrogateFunctionBase(_Surrogate):
    """Base of surrogate modules with several parameters, which the subclass keeps itself.

    ::

        spiking:      y = H(x), dL/dx = dL/dy * g'(x)
        otherwise:    y = g(x)

    A subclass defines ``forward``.

    Args:
        spiking: True for spikes, False for the primitive function; there is no default.
        *args: accepted and ignored.
        **kwargs: accepted and ignored.

    Shape: the output has the shape and the dtype of the input.

    Raises:
        TypeError: ``spiking`` is not a truth value.

    Source: spikingjelly ``surrogate.MultiArgsSurrogateFunctionBase``, edition 3756e2f8.
    """

    def __init__(self, spiking: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.spiking = mode(type(self).__qualname__, spiking)

    def extra_repr(self) -> str:
        """Return the parameters and ``spiking`` as ``name=value``; editions 0.0.0.0.x show none of them."""
        if _edition.current("spikingjelly").startswith("0.0.0.0."):
            return ""
        shown = (*self._parameter_names, "spiking")
        return ", ".join(f"{name}={getattr(self, name)}" for name in shown)
