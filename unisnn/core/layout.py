"""Time layouts: where the time steps are in a tensor, and modules that change it.

Three layouts carry T time steps of N samples through a network::

    time-first   [T, N, *]     one call for all steps                    SpikingJelly, step_mode='m'
    folded       [T*N, *]      one call for all steps, time outermost    SNNGrow, BrainCog
    step         [N, *]        one call per step                         all of them

Element ``[t, n]`` of the time-first layout is row ``t*N + n`` of the folded one, so folding and
splitting are views: no number is touched. The modules here are sequences of modules: they change
the layout for the modules inside and restore it afterwards, and the keys of the parameters stay
those of a plain ``nn.Sequential``.
"""

from __future__ import annotations

from torch import Tensor, nn

from unisnn.core.scan import scan

__all__ = [
    "FOLDED",
    "LAYOUTS",
    "STEP",
    "TIME_FIRST",
    "FoldTime",
    "SplitTime",
    "StepTime",
    "fold",
    "set_time_steps",
    "split",
]

STEP = "step"
"""One call per time step, ``[N, *]``."""

TIME_FIRST = "time_first"
"""One call for all time steps, ``[T, N, *]``."""

FOLDED = "folded"
"""One call for all time steps, ``[T*N, *]``, time outermost."""

LAYOUTS = (STEP, TIME_FIRST, FOLDED)
"""Every layout that a neuron description may name."""


def fold(x: Tensor, owner: str = "fold") -> Tensor:
    """Return ``[T, N, *]`` as ``[T*N, *]``.

    Equation::

        y[t*N + n] = x[t, n]

    Args:
        x: shape ``[T, N, *]``, any dtype.
        owner: name that an error message begins with.

    Raises:
        ValueError: ``x`` has fewer than two dimensions.

    Source: ``functional.seq_to_ann_forward``, SpikingJelly.
    """
    if x.dim() < 2:
        raise ValueError(f"{owner}: an input of shape {list(x.shape)} is not accepted; expected [T, N, *]")
    return x.flatten(0, 1)


def split(x: Tensor, time_steps: int, owner: str = "split") -> Tensor:
    """Return ``[T*N, *]`` as ``[T, N, *]``.

    Equation::

        y[t, n] = x[t*N + n]

    Args:
        x: shape ``[T*N, *]``, any dtype.
        time_steps: T.
        owner: name that an error message begins with.

    Raises:
        ValueError: ``x`` has no dimension, or T does not divide its first one.

    Source: the parallel forward of SNNGrow and the ``layer_by_layer`` forward of BrainCog.
    """
    if x.dim() == 0 or time_steps < 1 or x.shape[0] % time_steps:
        raise ValueError(
            f"{owner}: an input of shape {list(x.shape)} with T={time_steps} is not accepted; "
            "expected [T*N, *] with T >= 1"
        )
    return x.unflatten(0, (time_steps, x.shape[0] // time_steps))


def set_time_steps(module: nn.Module, time_steps: int) -> None:
    """Tell every module inside ``module`` that reads folded input how many time steps that holds.

    These are: :class:`SplitTime` and SNNGrow's neurons with ``parallel_optim`` (attribute ``T``),
    and BrainCog's with ``layer_by_layer`` (attribute ``step``). Everything else is left alone.
    """
    for part in module.modules():
        if isinstance(part, SplitTime) or (getattr(part, "parallel_optim", False) and hasattr(part, "T")):
            part.T = time_steps  # type: ignore[assignment]
        elif getattr(part, "layer_by_layer", False) and hasattr(part, "step"):
            part.step = time_steps  # type: ignore[assignment]


class FoldTime(nn.Sequential):
    """Run modules that expect ``[T*N, *]`` on an input of ``[T, N, *]``.

    Equation::

        y = split(modules(fold(x)), T)

    T is read off each input and handed to the modules inside by :func:`set_time_steps`.

    Args:
        modules: as for ``nn.Sequential``, run one after the other.

    Shape: ``[T, N, *] -> [T, N, *]``, any dtype.

    Raises:
        ValueError: the input has fewer than two dimensions or no time step.

    Source: ``layer.SeqToANNContainer``, SpikingJelly.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        folded = fold(x, "FoldTime")
        time_steps = x.shape[0]
        if time_steps < 1:
            raise ValueError(f"FoldTime: an input of shape {list(x.shape)} is not accepted; expected T >= 1")
        set_time_steps(self, time_steps)
        return split(super().forward(folded), time_steps, "FoldTime")


class SplitTime(nn.Sequential):
    """Run modules that expect ``[T, N, *]`` on an input of ``[T*N, *]``.

    Equation::

        y = fold(modules(split(x, T)))

    Args:
        modules: as for ``nn.Sequential``, run one after the other.
        T: number of time steps (default 1); an enclosing :class:`FoldTime` sets it on every call.

    Shape: ``[T*N, *] -> [T*N, *]``, any dtype.

    Raises:
        ValueError: T does not divide the input's first dimension.

    Source: the ``parallel_optim`` forward of SNNGrow's neurons.
    """

    T: int

    def __init__(self, *modules: nn.Module, T: int = 1) -> None:
        super().__init__(*modules)
        self.T = T

    def forward(self, x: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        return fold(super().forward(split(x, self.T, "SplitTime")), "SplitTime")

    def extra_repr(self) -> str:
        """Return ``T``."""
        return f"T={self.T}"


class StepTime(nn.Sequential):
    """Run modules that expect one time step ``[N, *]`` on an input of ``[T, N, *]``.

    Equation::

        y[t] = modules(x[t])             t = 0, 1, ..., T-1

    Args:
        modules: as for ``nn.Sequential``, run one after the other in each step.

    Shape: ``[T, N, *] -> [T, N, *]``, any dtype.

    Raises:
        ValueError: the input has no time step.

    Source: ``layer.MultiStepContainer``, SpikingJelly.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Return the modules' output for every time step."""
        return scan(super().forward, x, "StepTime")
