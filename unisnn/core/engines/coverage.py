"""Whether a module still runs the code that a fused engine stands for."""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.modules import module as _torch_module

from unisnn.core.engines import choice
from unisnn.core.engines.plan import Plan
from unisnn.core.surrogate import Family
from unisnn.core.surrogate.tensor_alpha import TENSOR_FAMILIES

__all__ = ["Fusible", "number", "plan", "run", "split", "surrogate", "towards"]

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class Fusible:
    """A mixin: remembers, for each class that has a plan, the methods that decide its numbers.

    A class names them in ``_decides``. :meth:`_runs_library_code` sees a user's subclass that overrides one,
    and a method that is replaced on the class or on the object. ``_gives_float32``: a surrogate whose
    spike is float32 whatever comes in.
    """

    _decides: ClassVar[tuple[str, ...]] = ()
    _gives_float32: ClassVar[bool] = False
    _library_code: ClassVar[tuple[tuple[str, Any], ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Keep what the methods are now, if the class body has a plan or a family for them."""
        super().__init_subclass__(**kwargs)
        if "_plan" in vars(cls) or "_family" in vars(cls):
            cls._library_code = tuple((name, getattr(cls, name, None)) for name in cls._decides)

    def _runs_library_code(self) -> bool:
        cls, own = type(self), self.__dict__
        for name, code in cls._library_code:  # at every call, so without a generator
            if name in own or getattr(cls, name, None) is not code:
                return False
        return True

    def _is_hooked(self) -> bool:
        own = self.__dict__
        for name in _HOOKS:
            if own.get(name):
                return True
        return bool(_torch_module._has_any_global_hook())

    def _fused_gradient(self) -> tuple[Family, tuple[Any, ...], bool] | None:
        """Return a surrogate's family, parameters and strictness; ``None``: not covered."""
        return None

    def _plan(self) -> Plan | None:
        """Return a neuron's plan; ``None``: not covered."""
        return None

    def _learned(self) -> Tensor | None:
        """Return the learned parameter of a neuron's charge equation."""
        return None

    def _more(self, name: str) -> Any:
        """Return a tensor that a neuron's plan names."""
        node: Any = self
        tensor: Tensor = node.surrogate_function.alpha if name == "alpha" else node.v_threshold
        return tensor


def run(node: Fusible, x: Tensor, v: Any) -> tuple[Any, ...] | None:
    """Run all time steps of ``x`` in a fused engine, or return ``None`` where the reference loop has to.

    Args:
        node: the neuron.
        x: inputs ``[T, N, *]``.
        v: membrane potential before the first step, a number or a tensor.

    Returns:
        As :func:`unisnn.core.engines.operator.multi_step`.
    """
    name = choice.chosen()
    if name == "reference" or not node._runs_library_code():
        return None
    learned = node._learned()
    if name == "auto" and choice.is_left(x, learned):
        return None
    planned = node._plan()
    if planned is None:
        return None
    more = tuple(node._more(name) for name in planned.more)
    return choice.run(planned, x, v, learned, more)


def surrogate(function: Any) -> tuple[Family, tuple[Any, ...], bool] | None:
    """Return the family, the parameters and the strictness of a surrogate that a fused engine covers."""
    if not isinstance(function, Fusible) or not isinstance(function, nn.Module):
        return None
    if not function._runs_library_code() or function._is_hooked():
        return None
    return function._fused_gradient()


def plan(
    node: Any, charge: str, constants: tuple[float, ...] = (), *, hard: bool = False, states: str = ""
) -> Plan | None:
    """Return the plan of a neuron by the attributes that SpikingJelly's and SNNGrow's neurons share.

    Args:
        node: has ``v_threshold``, ``v_reset`` (``None``: soft reset), ``detach_reset`` and
            ``surrogate_function``.
        charge: name of its charge equation.
        constants: of the charge equation.
        hard: whether the spike is a comparison without gradient, whatever the surrogate.
        states: as in :class:`Plan`.

    Returns:
        ``None`` where threshold or surrogate are not covered.
    """
    gradient = (None, (), False) if hard else surrogate(node.surrogate_function)
    if gradient is None or (not hard and node.surrogate_function._gives_float32):
        return None
    family, given, strict = gradient
    parameters, more = split(family, given)
    threshold = number(node.v_threshold)
    if threshold is None:
        threshold, more = 0.0, ("threshold", *more)
    reset, v_reset = ("soft", 0.0) if node.v_reset is None else ("hard", float(node.v_reset))
    detached = hard or bool(node.detach_reset)
    return Plan(
        charge, constants, reset, v_reset, detached, threshold, strict, family, parameters, states, more
    )


def towards(
    charge: str, constants: tuple[float, ...], v_reset: float | None, to_zero: bool
) -> tuple[str, tuple[float, ...]]:
    """Return name and constants of a leaky charge equation, which decays to 0 or to ``v_reset``."""
    if to_zero or v_reset is None:
        return charge, constants
    return f"{charge}_to", (*constants, v_reset)


def split(family: Family | None, parameters: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Return a surrogate's parameters as a plan keeps them: numbers, or the name of its only tensor.

    Where a family takes a tensor always, a float32 one that does not learn is kept as a number, too.
    """
    if not any(isinstance(value, Tensor) for value in parameters):
        return parameters, ()
    if family in TENSOR_FAMILIES and parameters[0].dtype == torch.float32:
        alpha = number(parameters[0])
        if alpha is not None:
            return (alpha,), ()
    return (), ("alpha",)


def number(value: Any) -> float | None:
    """Return a number, or a one-element tensor without gradient on the CPU, as a float; ``None``: neither.

    A compiler does not know what number a tensor holds.
    """
    if isinstance(value, Tensor):
        if torch.compiler.is_compiling():
            return None
        plain = value.dim() == 0 and not value.requires_grad and value.device.type == "cpu"
        return float(value) if plain and value.is_floating_point() else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
