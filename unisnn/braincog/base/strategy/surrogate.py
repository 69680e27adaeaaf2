"""Surrogate gradients: a module that fires, and learns through a smooth stand-in for the step.

Every ``*Grad(alpha, requires_grad)`` module is called with ``x = mem - threshold``::

    s = module(x) = act_fun(x, alpha)

``alpha`` is a float32 Parameter and part of the ``state_dict``, also where the formula has no alpha.
The autograd functions that the modules apply carry the lower-case names.

Shapes: ``x`` and ``s`` have the same, any, shape. dtypes: see each class; several modules answer in
float32 whatever the dtype of ``x``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unisnn.braincog.base.strategy._functions import (
    atan,
    backeigate,
    ei,
    gate,
    heaviside,
    quadratic_gate,
    relu_like,
    sigmoid,
    stdp,
    straight_through_estimator,
)
from unisnn.core import spec as _spec
from unisnn.core import surrogate as _families
from unisnn.core.engines import coverage as _coverage

__all__ = [
    "AtanGrad",
    "BackEIGateGrad",
    "EIGrad",
    "GateGrad",
    "QGateGrad",
    "ReLUGrad",
    "RoundGrad",
    "STDPGrad",
    "SigmoidGrad",
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
]


def _parameter(owner: str, alpha: Any, requires_grad: bool) -> nn.Parameter:
    accepted = "a number or a tensor"
    if alpha is None or isinstance(alpha, (str, bytes)):
        raise TypeError(f"{owner}: alpha={alpha!r} is not accepted; expected {accepted}")
    try:
        value = torch.as_tensor(alpha).detach().to(torch.float32, copy=True)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{owner}: alpha={alpha!r} is not accepted; expected {accepted}") from error
    return nn.Parameter(value, requires_grad=requires_grad)


def _alpha_value(module: Any) -> float | tuple[float, ...]:
    alpha = module.alpha.detach()
    return float(alpha) if alpha.numel() == 1 else tuple(alpha.flatten().tolist())


def _describe(
    module: Any, family: str, fire: str, *, float32: bool = False, alpha: bool = True, learns: bool = False
) -> _spec.SurrogateSpec:
    return _spec.SurrogateSpec(
        family=family,
        parameters=_spec.values(alpha=_alpha_value(module)) if alpha else (),
        learnable=("alpha",) if learns and module.alpha.requires_grad else (),
        fire=fire,
        output="float32" if float32 else "input",
    )


class SurrogateFunctionBase(_coverage.Fusible, nn.Module):
    """Hold alpha and apply ``act_fun``; every surrogate module with an alpha derives from it.

    Equation::

        s = act_fun(x, alpha)

    Args:
        alpha: shape of the surrogate gradient; kept as a float32 Parameter.
        requires_grad: whether alpha is trained (default True here, False in most subclasses).

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.SurrogateFunctionBase``, braincog 0.2.7.19.
    """

    _decides = ("forward", "act_fun")
    _family: _families.Family | None = None
    _strict = True
    _gives_float32 = True

    def __init__(self, alpha: Any, requires_grad: bool = True) -> None:
        super().__init__()
        self.alpha = _parameter(type(self).__name__, alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return the spikes of ``x``; subclasses implement it."""
        raise NotImplementedError("SurrogateFunctionBase.act_fun: a subclass has to implement it")

    def forward(self, x: Tensor) -> Tensor:
        """Return ``act_fun(x, alpha)``."""
        return self.act_fun(x, self.alpha)

    def _fused_gradient(self) -> tuple[_families.Family, tuple[Any, ...], bool] | None:
        if self._family is None:
            return None
        return self._family, (self.alpha,) if self._family.parameters else (), self._strict


class SigmoidGrad(SurrogateFunctionBase):
    """Fire at or above zero, with the derivative of a sigmoid as surrogate gradient.

    Equation::

        s     = 1 if x >= 0 else 0
        ds/dx = alpha * y * (1 - y)            y = sigmoid(alpha * x)

    Args:
        alpha: steepness (default 1.0).
        requires_grad: kept on the Parameter (default False); alpha gets no gradient either way.

    The spike has the dtype of ``x``.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.SigmoidGrad``, braincog 0.2.7.19.
    """

    _family = _families.SIGMOID_TENSOR_ALPHA
    _strict = False
    _gives_float32 = False

    def __init__(self, alpha: Any = 1.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``sigmoid.apply(x, alpha)``."""
        return sigmoid.apply(x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "sigmoid_tensor_alpha", ">=")


class AtanGrad(SurrogateFunctionBase):
    """Fire above zero, with the derivative of an arc tangent as surrogate gradient; alpha learns.

    Equation::

        s         = 1 if x > 0 else 0
        ds/dx     = alpha / (2 * (1 + (pi/2 * alpha * x)^2))
        ds/dalpha = x / (2 * (1 + (pi/2 * alpha * x)^2))

    Args:
        alpha: steepness (default 2.0).
        requires_grad: whether alpha is trained (default True).

    The spike is float32.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.AtanGrad``, braincog 0.2.7.19.
    """

    _family = _families.ATAN_TENSOR_ALPHA

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = True) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``atan.apply(x, alpha)``."""
        return atan.apply(x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "atan_tensor_alpha", ">", float32=True, learns=True)


class ReLUGrad(SurrogateFunctionBase):
    """Fire at or above zero, with the derivative of a scaled ReLU as surrogate gradient.

    Equation::

        s         = 1 if x >= 0 else 0
        ds/dx     = alpha if x > 0 else 0
        ds/dalpha = max(x, 0)

    Made for comparing with an artificial network of the same structure.

    Args:
        alpha: slope (default 2.0).
        requires_grad: whether alpha is trained (default False).

    The spike has the dtype of ``x``.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.ReLUGrad``, braincog 0.2.7.19.
    """

    _family = _families.RELU_LIKE
    _strict = False
    _gives_float32 = False

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``relu_like.apply(x, alpha)``."""
        return relu_like.apply(x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "relu_like", ">=", learns=True)


class GateGrad(SurrogateFunctionBase):
    """Fire above zero, with a rectangular window as surrogate gradient.

    Equation::

        s     = 1 if x > 0 else 0
        ds/dx = 1 if |x| < 1/alpha else 0

    Args:
        alpha: reciprocal of the half width (default 2.0).
        requires_grad: kept on the Parameter (default False); alpha gets no gradient either way.

    The spike is float32.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.GateGrad``, braincog 0.2.7.19.
    """

    _family = _families.GATE

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``gate.apply(x, alpha)``."""
        return gate.apply(x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "gate", ">", float32=True)


class QGateGrad(SurrogateFunctionBase):
    """Fire above zero, with a triangular window as surrogate gradient.

    Equation::

        s     = 1 if x > 0 else 0
        ds/dx = alpha - alpha^2 * |x| if |x| <= 1/alpha else 0

    Args:
        alpha: height, and reciprocal of the half width (default 2.0).
        requires_grad: kept on the Parameter (default False); alpha gets no gradient either way.

    The spike is float32.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.QGateGrad``, braincog 0.2.7.19.
    """

    _family = _families.QUADRATIC_GATE

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``quadratic_gate.apply(x, alpha)``."""
        return quadratic_gate.apply(x, alpha)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "quadratic_gate", ">", float32=True)


class STDPGrad(SurrogateFunctionBase):
    """Fire above zero; only what fired passes the gradient.

    Equation::

        s     = 1 if x > 0 else 0
        ds/dx = s

    Args:
        alpha: unused by the formula, kept as a Parameter (default 2.0).
        requires_grad: kept on the Parameter (default False).

    The spike is float32.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.STDPGrad``, braincog 0.2.7.19.
    """

    _family = _families.STDP

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``stdp.apply(x)``."""
        return stdp.apply(x)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "stdp", ">", float32=True, alpha=False)


class BackEIGateGrad(SurrogateFunctionBase):
    """Fire above zero, with a rectangular window of half width 1/2 as surrogate gradient.

    Equation::

        s     = 1 if x > 0 else 0
        ds/dx = 1 if |x| < 0.5 else 0

    Args:
        alpha: unused by the formula, kept as a Parameter (default 2.0).
        requires_grad: kept on the Parameter (default False).

    The spike is float32.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.BackEIGateGrad``, braincog 0.2.7.19.
    """

    _family = _families.BACK_EI_GATE

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``backeigate.apply(x)``."""
        return backeigate.apply(x)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "back_ei_gate", ">", float32=True, alpha=False)


class EIGrad(SurrogateFunctionBase):
    """Fire an excitatory or inhibitory spike, with a rectangular window as surrogate gradient.

    Equation::

        s     = sign(x), one of -1, 0, 1
        ds/dx = 1 if |x| < 0.5 else 0

    Args:
        alpha: unused by the formula, kept as a Parameter (default 2.0).
        requires_grad: kept on the Parameter (default False).

    The spike is float32.

    Raises:
        TypeError: ``alpha`` is None or no number.

    Source: ``braincog.base.strategy.surrogate.EIGrad``, braincog 0.2.7.19.
    """

    def __init__(self, alpha: Any = 2.0, requires_grad: bool = False) -> None:
        super().__init__(alpha, requires_grad)

    @staticmethod
    def act_fun(x: Tensor, alpha: Any) -> Tensor:
        """Return ``ei.apply(x)``."""
        return ei.apply(x)

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _describe(self, "back_ei_gate", "sign", float32=True, alpha=False)


class RoundGrad(nn.Module):
    """Fire zero to five spikes at once: the ceiling of a clipped input, straight through.

    Equation::

        c     = clip(x, -0.5, 4.5)
        s     = ceil(c) + c - c
        ds/dx = 1 if -0.5 < x < 4.5 else 0

    The sum ``ceil(c) + c`` is rounded before ``c`` is taken away, so a count can miss its integer by
    one unit in the last place, as upstream's does. The spike count has the dtype of ``x``.

    Args:
        **kwargs: accepted and ignored, so that a node can pass ``alpha`` and ``requires_grad``.

    Source: ``braincog.base.strategy.surrogate.RoundGrad`` (undocumented there), braincog 0.2.7.19.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.act = nn.Hardtanh(-0.5, 4.5)

    def forward(self, x: Tensor) -> Tensor:
        """Return the spike counts of ``x``."""
        clipped = self.act(x)
        return torch.ceil(clipped) + clipped - clipped.detach()

    def __describe__(self) -> _spec.SurrogateSpec:
        """Return the neutral description."""
        return _spec.SurrogateSpec(family="round_window", fire="ceil")
