"""Step modes and memories: what every SpikingJelly module is made of.

A module in step mode ``'s'`` takes one time step ``[N, *]`` a call, one in step mode ``'m'`` takes
all of them, ``[T, N, *]``::

    forward(x) = single_step_forward(x)                        step_mode 's'
    forward(x)[t] = single_step_forward(x[t]), t = 0...T-1     step_mode 'm'
"""

from __future__ import annotations

import logging
from typing import Any

from torch import Tensor

from unisnn.core import memory as _memory
from unisnn.core import scan as _scan

__all__ = ["MemoryModule", "MultiStepModule", "SingleModule", "StepModule", "check_backend_library"]

_log = logging.getLogger("unisnn")
_BACKENDS = ("torch", "cupy", "lava", "triton")
_told: set[str] = set()


def check_backend_library(backend: str) -> None:
    """Accept the name of a backend that SpikingJelly knows.

    Any backend but ``'torch'`` is a request: no other library is needed, the best engine at hand
    runs, and the logger ``unisnn`` says so once a process.

    Args:
        backend: ``'torch'``, ``'cupy'``, ``'lava'`` or ``'triton'``.

    Raises:
        NotImplementedError: no backend has that name.

    Source: ``base.check_backend_library``, SpikingJelly 0.0.0.0.14 (there an ``ImportError`` where
        the library is not installed).
    """
    if backend not in _BACKENDS:
        raise NotImplementedError(
            f"check_backend_library: backend={backend!r} is not accepted; expected one of {_BACKENDS}"
        )
    if backend != "torch" and backend not in _told:
        _told.add(backend)
        _log.info("backend %r is a request: unisnn runs the best engine at hand", backend)


class StepModule:
    """A module that has a step mode; to be inherited beside ``torch.nn.Module``.

    Equation::

        forward(x) = one time step                             step_mode 's'
        forward(x)[t] = one time step of x[t], t = 0...T-1     step_mode 'm'

    Source: ``base.StepModule``, SpikingJelly 0.0.0.0.14.
    """

    _step_mode: str

    def supported_step_mode(self) -> tuple[str, ...]:
        """Return the step modes that can be chosen: ``('s', 'm')``."""
        return ("s", "m")

    @property
    def step_mode(self) -> str:
        """The step mode; setting one that is not supported raises ``ValueError``."""
        return self._step_mode

    @step_mode.setter
    def step_mode(self, value: str) -> None:
        if value not in self.supported_step_mode():
            raise ValueError(f'step_mode can only be {self.supported_step_mode()}, but got "{value}"!')
        self._step_mode = value


class SingleModule(StepModule):
    """A module that takes one time step a call, and nothing else.

    Equation::

        forward(x) = one time step

    Source: ``base.SingleModule``, SpikingJelly 0.0.0.0.14 (``SingleStepModule`` in 2.0.0).
    """

    def supported_step_mode(self) -> tuple[str, ...]:
        """Return the step modes that can be chosen: ``('s',)``."""
        return ("s",)


class MultiStepModule(StepModule):
    """A module that takes all time steps at once, and nothing else.

    Equation::

        forward(x)[t] = one time step of x[t]    t = 0...T-1

    Source: ``base.MultiStepModule``, SpikingJelly 0.0.0.0.14.
    """

    def supported_step_mode(self) -> tuple[str, ...]:
        """Return the step modes that can be chosen: ``('m',)``."""
        return ("m",)


class MemoryModule(_memory.MemoryModule, StepModule):
    """A module with memories and a step mode: the base of every stateful module.

    Equation::

        forward(x) = single_step_forward(x)                    step_mode 's'
        forward(x)[t] = single_step_forward(x[t])              step_mode 'm', t = 0...T-1

    Memories are described at :class:`unisnn.core.memory.MemoryModule`: ``register_memory``,
    ``set_reset_value``, ``reset``, ``detach``, ``memories``, ``named_memories``. A subclass defines
    ``single_step_forward`` and inherits the rest. It starts in step mode ``'s'`` with backend
    ``'torch'``.

    Shape:
        - ``'s'``: ``[N, *] -> [N, *]``
        - ``'m'``: ``[T, N, *] -> [T, N, *]``, ``T >= 1``

    Raises:
        ValueError: a step mode that is not supported; an input without time steps in ``'m'``.
        NotImplementedError: a backend that is not supported.

    Source: ``base.MemoryModule``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self) -> None:
        super().__init__()
        self._backend = "torch"
        self.step_mode = "s"

    @property
    def supported_backends(self) -> tuple[str, ...]:
        """The backends that can be chosen in the present step mode: ``('torch',)``."""
        return ("torch",)

    @property
    def backend(self) -> str:
        """The backend that was asked for; one that is not supported raises ``NotImplementedError``."""
        return self._backend

    @backend.setter
    def backend(self, value: str) -> None:
        if value not in self.supported_backends:
            raise NotImplementedError(
                f"{value} is not a supported backend of {self._get_name()}! "
                f"backend={value!r} is not accepted in step_mode={self._step_mode!r}; "
                f"expected one of {self.supported_backends}"
            )
        check_backend_library(value)
        self._backend = value

    def single_step_forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Take one time step; a subclass defines it."""
        raise NotImplementedError(f"{self._get_name()} does not define single_step_forward")

    def multi_step_forward(self, x_seq: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Take every time step of ``x_seq``, shape ``[T, N, *]``, and stack the outputs."""
        return _scan.scan(
            lambda x: self.single_step_forward(x, *args, **kwargs), x_seq, self._get_name(), lift=True
        )

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Take one time step (``step_mode='s'``) or all of them (``step_mode='m'``)."""
        if self.step_mode == "s":
            return self.single_step_forward(*args, **kwargs)
        return self.multi_step_forward(*args, **kwargs)

    def extra_repr(self) -> str:
        """Return the step mode and the backend."""
        return f"step_mode={self.step_mode}, backend={self.backend}"
