"""The thread that asks ``nvidia-smi`` how busy GPUs are, under both of its monitors."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import threading
import time
from typing import Any

__all__ = ["GPUMonitorBase", "summary_writer"]

_QUERY = "nvidia-smi --query-gpu=utilization.gpu,memory.used --format=csv -i "
_NUMBERS = re.compile(r"\s*(\d+)\s*%?\s*,\s*(\d+)\s*(?:MiB)?\s*")


def summary_writer(log_dir: str, owner: str = "GPUMonitor", **options: Any) -> Any:
    """Return a ``SummaryWriter`` for ``log_dir``, which ``owner`` asks for.

    Raises:
        ImportError: tensorboard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ImportError(
            f"{owner}: log_dir={log_dir!r} needs tensorboard, which is not installed "
            "(pip install tensorboard); log_dir=None prints instead"
        ) from error
    return SummaryWriter(log_dir, **options)  # type: ignore[no-untyped-call]


class GPUMonitorBase(threading.Thread):
    """Ask ``nvidia-smi`` every ``interval`` seconds; a subclass says how a log is laid out.

    Equation::

        sample[step] = (utilization in %, memory used in MiB) of every GPU        at step*interval seconds
    """

    def __init__(
        self,
        log_dir: str | None = None,
        gpu_ids: tuple[int, ...] = (0,),
        interval: float = 600.0,
        start_now: bool = True,
    ) -> None:
        super().__init__()
        if not interval > 0:
            raise ValueError(f"GPUMonitor: interval={interval!r} is not accepted; expected more than 0")
        if not gpu_ids:
            raise ValueError(f"GPUMonitor: gpu_ids={gpu_ids!r} is not accepted; expected a GPU's id at least")
        self.gpu_ids = gpu_ids
        self.interval = interval
        self.cmds = _QUERY + ",".join(str(gpu) for gpu in gpu_ids)
        self.step = 0
        self._stop_asked = threading.Event()
        self.writer: Any = None if log_dir is None else self._open(log_dir)
        if start_now:
            self.start()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stop_asked.is_set()

    def start(self) -> None:
        """Begin to sample; raises ``FileNotFoundError`` where there is no ``nvidia-smi``."""
        if shutil.which("nvidia-smi") is None:
            raise FileNotFoundError(
                "GPUMonitor: there is no nvidia-smi on PATH, which comes with the NVIDIA driver; "
                "without it there is nothing to monitor"
            )
        super().start()

    def stop(self) -> None:
        """End the thread; a pause between two samples ends at once."""
        self._stop_asked.set()

    def run(self) -> None:
        """Sample until :meth:`stop` is called."""
        while not self.stopped:
            answer = subprocess.run(self.cmds.split(), capture_output=True, text=True, check=False)
            if answer.returncode:
                told = (answer.stderr or answer.stdout).strip()
                logging.getLogger("unisnn").warning("GPUMonitor: %s failed: %s", self.cmds, told)
            elif self.writer is None:
                print(time.strftime("%Y-%m-%d %H:%M:%S"))
                print(answer.stdout)
            else:
                self._log(answer.stdout)
            self.step += 1
            self._stop_asked.wait(self.interval)

    def _log(self, text: str) -> None:
        """Write every GPU's numbers; a GPU that reports none ("[N/A]") is left out."""
        for index, line in enumerate(text.strip().splitlines()[1:]):
            found = _NUMBERS.fullmatch(line)
            if found is not None and index < len(self.gpu_ids):
                self._write(index, int(found[1]), int(found[2]))

    def _open(self, log_dir: str) -> Any:
        raise NotImplementedError

    def _write(self, index: int, utilization: int, memory: int) -> None:
        raise NotImplementedError
