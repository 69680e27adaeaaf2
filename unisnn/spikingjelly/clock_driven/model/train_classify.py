"""One epoch of training or of evaluation of a classifier, with its accuracies.

Equation (sums over all samples, of all processes where ``torch.distributed`` runs)::

    loss = sum(batch size * criterion(y, target)) / samples
    acc1 = 100 * (samples whose best score is the target's) / samples
    acc5 = 100 * (samples with the target among their five best scores) / samples

After each batch the net's memories are reset.
"""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, distributed, nn

from unisnn.core import absent as _absent
from unisnn.spikingjelly.activation_based import functional

__all__ = [
    "default_cal_acc1_acc5",
    "evaluate",
    "on_master",
    "setup_for_distributed",
    "train_one_epoch",
    "use_dist",
]

_Batches = Iterable[tuple[Tensor, Tensor]]
_Counts = Callable[[Tensor, Tensor], Any]


def use_dist() -> bool:
    """Tell whether ``torch.distributed`` runs.

    Source: ``clock_driven.model.train_classify.use_dist``, SpikingJelly 0.0.0.0.14.
    """
    return distributed.is_available() and distributed.is_initialized()


def on_master() -> bool:
    """Tell whether this is the process of rank 0, or the only one.

    Source: ``clock_driven.model.train_classify.on_master``, SpikingJelly 0.0.0.0.14.
    """
    return not use_dist() or distributed.get_rank() == 0


def default_cal_acc1_acc5(output: Tensor, target: Tensor) -> list[float]:
    """Count the samples whose target is the best score, and among the five best.

    Equation::

        [sum(target in best(output, 1)), sum(target in best(output, 5))]

    Args:
        output: scores, shape ``[N, classes]`` with at least five classes.
        target: classes, shape ``[N]``.

    Shape: two floats.

    Raises:
        RuntimeError: there are fewer than five classes.

    Source: ``clock_driven.model.train_classify.default_cal_acc1_acc5``, SpikingJelly 0.0.0.0.14.
    """
    hit = output.topk(5, 1).indices == target.unsqueeze(1)
    return [float(hit[:, :k].sum()) for k in (1, 5)]


class _Meter:
    """The sums of one epoch."""

    def __init__(self, word: str) -> None:
        self.word, self.began = word, time.perf_counter()
        self.samples, self.loss, self.best, self.five = 0, 0.0, 0.0, 0.0

    def add(self, target: Tensor, loss: Tensor, counts: Any) -> None:
        best, five = counts
        self.samples += target.shape[0]
        self.loss += loss.item() * target.shape[0]
        self.best += best
        self.five += five

    def result(self) -> tuple[float, float, float]:
        sums = torch.tensor([self.samples, self.loss, self.best, self.five], dtype=torch.float64)
        if use_dist():
            sums = sums.to(torch.device("cuda") if distributed.get_backend() == "nccl" else "cpu")
            distributed.all_reduce(sums)
        samples, loss, best, five = sums.tolist()
        acc1, acc5, loss = best / samples * 100, five / samples * 100, loss / samples
        speed = samples / (time.perf_counter() - self.began)
        name = self.word.lower()
        print(
            f"{self.word}: {name}_acc1={acc1:.3f}, {name}_acc5={acc5:.3f}, {name}_loss={loss:.6f}, "
            f"samples/s={speed:.3f}"
        )
        return acc1, acc5, loss


def train_one_epoch(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    data_loader: _Batches,
    device: str | torch.device,
    amp_scaler: Any = None,
    cal_acc1_acc5: _Counts = default_cal_acc1_acc5,
) -> tuple[float, float, float]:
    """Train ``model`` on every batch once, print how it went and return accuracies and loss.

    Equation::

        w <- optimizer(d criterion(model(x), target)/dw)         for each batch, then reset_net(model)

    Args:
        model: takes a batch and returns scores; it is put in training mode.
        criterion: the loss, a mean over the batch.
        optimizer: of the weights.
        data_loader: pairs of inputs and classes.
        device: where they are moved to.
        amp_scaler: scales the loss of a pass in mixed precision, on a CUDA device (default: full precision).
        cal_acc1_acc5: counts the samples that are right (default :func:`default_cal_acc1_acc5`).

    Shape: three floats: accuracy and accuracy among five in percent, loss.

    Raises:
        ZeroDivisionError: there is no batch.

    Source: ``clock_driven.model.train_classify.train_one_epoch``, SpikingJelly 0.0.0.0.14.
    """
    model.train()
    meter = _Meter("Train")
    mixed = amp_scaler is not None and torch.cuda.is_available()
    for inputs, classes in data_loader:
        x, target = inputs.to(device), classes.to(device)
        optimizer.zero_grad()
        with torch.amp.autocast("cuda", enabled=mixed):
            output = model(x)
            loss = criterion(output, target)
        if amp_scaler is None:
            loss.backward()
            optimizer.step()
        else:
            amp_scaler.scale(loss).backward()
            amp_scaler.step(optimizer)
            amp_scaler.update()
        functional.reset_net(model)
        meter.add(target, loss, cal_acc1_acc5(output, target))
    return meter.result()


def evaluate(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    data_loader: _Batches,
    device: str | torch.device,
    cal_acc1_acc5: _Counts = default_cal_acc1_acc5,
) -> tuple[float, float, float]:
    """Evaluate ``model`` on every batch without gradients, print and return accuracies and loss.

    Equation::

        acc1, acc5, loss             of model(x), then reset_net(model), over all batches

    Args:
        model: takes a batch and returns scores; it is put in evaluation mode.
        criterion: the loss, a mean over the batch.
        data_loader: pairs of inputs and classes.
        device: where they are moved to.
        cal_acc1_acc5: counts the samples that are right (default :func:`default_cal_acc1_acc5`).

    Shape: three floats: accuracy and accuracy among five in percent, loss.

    Raises:
        ZeroDivisionError: there is no batch.

    Source: ``clock_driven.model.train_classify.evaluate``, SpikingJelly 0.0.0.0.14.
    """
    model.eval()
    meter = _Meter("Test")
    with torch.no_grad():
        for inputs, classes in data_loader:
            x, target = inputs.to(device), classes.to(device)
            output = model(x)
            loss = criterion(output, target)
            functional.reset_net(model)
            meter.add(target, loss, cal_acc1_acc5(output, target))
    return meter.result()


def setup_for_distributed(is_master: bool) -> None:
    """Let ``print`` be silent in this process unless it is the master, or is told ``force=True``.

    It replaces the built-in ``print``.

    Args:
        is_master: whether this process may print.

    Source: ``clock_driven.model.train_classify.setup_for_distributed``, SpikingJelly 0.0.0.0.14.
    """
    before: Callable[..., None] = builtins.print

    def told(*args: Any, **kwargs: Any) -> None:
        if kwargs.pop("force", False) or is_master:
            before(*args, **kwargs)

    builtins.print = told  # type: ignore[assignment]


_REASON = "writes TensorBoard logs and starts CUDA processes; call train_one_epoch and evaluate in a loop"

__getattr__ = _absent.serve(__name__, {"distributed_training_init": _REASON, "train_eval_loop": _REASON})
