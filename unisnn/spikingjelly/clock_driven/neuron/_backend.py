"""Which backends a multi-step neuron may ask for."""

from __future__ import annotations

from unisnn.core import check as _check
from unisnn.spikingjelly.activation_based import base as _requests

__all__ = ["check_backend"]


def check_backend(backend: str) -> None:
    """Accept the name of a backend.

    Equation::

        numbers(backend='cupy') = numbers(backend='torch')

    ``'cupy'`` is a request: cupy is not needed, the best engine at hand runs, and the logger ``unisnn``
    says so once a process.

    Args:
        backend: ``'torch'`` or ``'cupy'``.

    Raises:
        AssertionError: ``'lava'``, whose quantised numbers no other engine gives.
        NotImplementedError: no backend has that name.

    Source: ``clock_driven.neuron.check_backend``, SpikingJelly 0.0.0.0.14 (there an ``AssertionError`` where
        cupy is not installed).
    """
    if backend not in ("torch", "cupy", "lava"):
        raise NotImplementedError(
            f"check_backend: backend={backend!r} is not accepted; expected 'torch' or 'cupy'"
        )
    accepted = "'torch' or 'cupy': Lava-DL's neurons are made by lava_exchange.to_lava_neuron"
    _check.require(backend != "lava", "check_backend", "backend", backend, accepted)
    _requests.check_backend_library(backend)
