"""Helpers around CUDA kernels, as far as they make sense without cupy."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch

from unisnn.core import absent as _absent
from unisnn.core import edition as _edition
from unisnn.spikingjelly import _gpu_monitor
from unisnn.spikingjelly.activation_based import cuda_utils as _cuda_utils
from unisnn.spikingjelly.activation_based.cuda_utils import cuda_timer, get_contiguous

__all__ = ["GPUMonitor", "cal_blocks", "cal_fun_t", "cuda_timer", "get_contiguous"]


def cal_blocks(numel: int) -> int:
    """Return how many blocks of threads cover a number of elements.

    Equation::

        blocks = ceil(numel/threads)         threads: configure.cuda_threads, 1024 in 0.0.0.0.12

    Args:
        numel: number of elements.

    Source: ``clock_driven.cu_kernel_opt.cal_blocks``, SpikingJelly 0.0.0.0.14 and 0.0.0.0.12.
    """
    return _cuda_utils.cal_blocks(numel, 1024 if _edition.current("spikingjelly") == "0.0.0.0.12" else -1)


def cal_fun_t(
    n: int, device: str | torch.device | int, f: Callable[..., Any], *args: Any, **kwargs: Any
) -> float:
    """Return the mean time of a call, in milliseconds.

    Equation::

        mean of n calls, after n calls that are not counted          n > 1; one call for n = 1

    Args:
        n: how many calls are counted.
        device: ``'cpu'`` or a CUDA device.
        f: what is called, with ``args`` and ``kwargs``.

    Raises:
        ValueError: ``n`` is less than 1.

    Source: ``clock_driven.cu_kernel_opt.cal_fun_t``, SpikingJelly 0.0.0.0.14 (CUDA devices only there).
    """
    return _cuda_utils.cal_fun_t(n, device, f, *args, **kwargs)


class GPUMonitor(_gpu_monitor.GPUMonitorBase):
    """A thread that records how busy GPUs are, and how much of their memory is used.

    Equation::

        record[step] = (utilization in %, memory used in MiB) of every GPU       each interval seconds

    The numbers come from ``nvidia-smi``. Call :meth:`stop` when the work is done: the thread keeps the
    process alive until then.

    Args:
        log_dir: folder of tensorboard logs, one a GPU in ``log_dir/gpu_ID``, with the tags ``utilization``
            and ``memory_used`` (default ``None``: print instead).
        gpu_ids: which GPUs (default ``(0,)``).
        interval: seconds between two records. Default 60.
        start_now: whether to begin at once instead of at :meth:`start`. Default ``True``.

    Raises:
        FileNotFoundError: there is no ``nvidia-smi`` on ``PATH``, when the thread is started.
        ImportError: ``log_dir`` is given and tensorboard is not installed.
        ValueError: no GPU is named, or ``interval`` is not positive.

    Source: ``clock_driven.cu_kernel_opt.GPUMonitor``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self,
        log_dir: str | None = None,
        gpu_ids: tuple[int, ...] = (0,),
        interval: float = 60.0,
        start_now: bool = True,
    ) -> None:
        super().__init__(log_dir, gpu_ids, interval, start_now)

    def _open(self, log_dir: str) -> Any:
        return [_gpu_monitor.summary_writer(os.path.join(log_dir, f"gpu_{gpu}")) for gpu in self.gpu_ids]

    def _write(self, index: int, utilization: int, memory: int) -> None:
        self.writer[index].add_scalar("utilization", utilization, self.step)
        self.writer[index].add_scalar("memory_used", memory, self.step)


_CUPY = "it is about arrays and kernels of cupy; torch.cuda.device(device) selects a device"

__getattr__ = _absent.serve(__name__, {"DeviceEnvironment": _CUPY, "wrap_args_to_raw_kernel": _CUPY})
