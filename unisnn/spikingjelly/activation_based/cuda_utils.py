"""Timers, and what launching a CUDA kernel needs to know, as far as it makes sense without one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unisnn.core import absent as _absent
from unisnn.spikingjelly import configure as _configure

__all__ = ["cal_blocks", "cal_fun_t", "cpu_timer", "cuda_timer", "get_contiguous"]


def cpu_timer(f: Callable[..., Any], *args: Any, **kwargs: Any) -> float:
    """Return how long a call takes on the CPU.

    Equation::

        time after f(*args, **kwargs) - time before          milliseconds

    Args:
        f: what is called, with ``args`` and ``kwargs``.

    Source: ``cuda_utils.cpu_timer``, SpikingJelly 0.0.0.0.14 (documented in milliseconds, given in
        seconds there).
    """
    began = time.perf_counter()
    f(*args, **kwargs)
    return (time.perf_counter() - began) * 1000.0


def cuda_timer(device: torch.device | int, f: Callable[..., Any], *args: Any, **kwargs: Any) -> float:
    """Return how long a call takes on a CUDA device.

    Equation::

        time of the event after f(*args, **kwargs) - time of the event before          milliseconds

    Args:
        device: the CUDA device.
        f: what is called, with ``args`` and ``kwargs``.

    Raises:
        AssertionError, RuntimeError: torch's own, without CUDA.

    Source: ``cuda_utils.cuda_timer``, SpikingJelly 0.0.0.0.14.
    """
    with torch.cuda.device(device):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        f(*args, **kwargs)
        end.record()
        torch.cuda.synchronize(device)
        return float(start.elapsed_time(end))


def cal_fun_t(
    n: int, device: str | torch.device | int, f: Callable[..., Any], *args: Any, **kwargs: Any
) -> float:
    """Return the mean time of a call.

    Equation::

        mean of n calls, after n calls that are not counted          n > 1; one call for n = 1

    Args:
        n: how many calls are counted.
        device: ``'cpu'`` or a CUDA device.
        f: what is called, with ``args`` and ``kwargs``.

    Raises:
        ValueError: ``n`` is less than 1.

    Source: ``cuda_utils.cal_fun_t``, SpikingJelly 0.0.0.0.14.
    """
    if n < 1:
        raise ValueError(f"cal_fun_t: n={n!r} is not accepted; expected an int of at least 1")

    def timed() -> float:
        on_cpu = not isinstance(device, int) and torch.device(device).type == "cpu"
        return cpu_timer(f, *args, **kwargs) if on_cpu else cuda_timer(device, f, *args, **kwargs)  # type: ignore[arg-type]

    times = [timed() for _ in range(1 if n == 1 else 2 * n)]
    return sum(times[-n:]) / n


def cal_blocks(numel: int, threads: int = -1) -> int:
    """Return how many blocks of threads cover a number of elements.

    Equation::

        blocks = ceil(numel/threads)

    Args:
        numel: number of elements.
        threads: threads a block (default -1: ``configure.cuda_threads``).

    Source: ``cuda_utils.cal_blocks``, SpikingJelly 0.0.0.0.14.
    """
    threads = _configure.cuda_threads if threads == -1 else threads
    return (numel + threads - 1) // threads


def get_contiguous(*args: Tensor) -> list[Tensor]:
    """Return the tensors, each contiguous.

    Equation::

        y[i] = x[i].contiguous()

    Args:
        args: tensors.

    Raises:
        TypeError: one of them is no tensor.

    Source: ``cuda_utils.get_contiguous``, SpikingJelly 0.0.0.0.14 (there cupy arrays too).
    """
    for arg in args:
        if not isinstance(arg, Tensor):
            raise TypeError(f"get_contiguous: {type(arg)} is not accepted; expected tensors")
    return [arg.contiguous() for arg in args]


_CUPY = "it is about arrays and kernels of cupy; torch.cuda.device(device) selects a device"

__getattr__ = _absent.serve(__name__, {"DeviceEnvironment": _CUPY, "wrap_args_to_raw_kernel": _CUPY})
