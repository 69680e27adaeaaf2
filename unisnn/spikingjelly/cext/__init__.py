"""SpikingJelly's old CUDA extension, ``spikingjelly.cext``, without CUDA: the same meaning on any device."""

from __future__ import annotations

import time as _time
from collections.abc import Callable
from typing import Any

import torch

__all__ = ["cal_fun_t"]


def cal_fun_t(n: int, device: Any, f: Callable[..., Any], *args: Any, **kwargs: Any) -> float:
    """Return how long a call takes on average.

    Equation::

        t = (t_1 + ... + t_n)/n          in seconds, the device waited for before and after each call

    ``f`` is called once before the measurement.

    Args:
        n: number of calls.
        device: where ``f`` computes; a CUDA device is waited for.
        f: what is called.
        args: of ``f``.
        kwargs: of ``f``.

    Source: ``cext.cal_fun_t``, SpikingJelly 0.0.0.0.14 (there a CUDA device is needed).
    """
    waits = torch.device(device).type == "cuda"
    f(*args, **kwargs)
    spent = 0.0
    for _ in range(n):
        if waits:
            torch.cuda.synchronize(device)
        start = _time.perf_counter()
        f(*args, **kwargs)
        if waits:
            torch.cuda.synchronize(device)
        spent += _time.perf_counter() - start
    return spent / n
