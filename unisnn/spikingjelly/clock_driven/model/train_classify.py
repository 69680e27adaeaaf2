"""Training and evaluation of a classifier, an epoch or all of them, with its accuracies.

Equation (sums over all samples, of all processes where ``torch.distributed`` runs)::

    loss = sum(batch size * criterion(y, target)) / samples
    acc1 = 100 * (samples whose best score is the target's) / samples
    acc5 = 100 * (samples with the target among their five best scores) / samples

After each batch the net's memories are reset.
"""

from __future__ import annotations

import argparse
import builtins
import datetime
import os
import time
import types
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, distributed, nn

from unisnn.spikingjelly import _gpu_monitor
from unisnn.spikingjelly.activation_based import functional

__all__ = [
    "default_cal_acc1_acc5",
    "distributed_training_init",
    "evaluate",
    "on_master",
    "setup_for_distributed",
    "train_eval_loop",
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


def _state(value: Any) -> Any:
    return None if value is None else value.state_dict()


def train_eval_loop(
    args: Any,
    device: str | torch.device,
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
    lr_scheduler: Any,
    train_data_loader: _Batches,
    test_data_loader: _Batches,
    max_epoch: int,
    use_amp: bool = False,
    tb_log_dir: str | None = None,
    pt_dir: str | None = None,
    resume_pt: str | None = None,
    cal_acc1_acc5: _Counts = default_cal_acc1_acc5,
) -> None:
    """Train and evaluate ``model`` for ``max_epoch`` epochs; keep a log and the best and latest state.

    Equation, for each epoch::

        train_one_epoch;  lr_scheduler.step();  evaluate
        log    train_loss, train_acc1, train_acc5, test_loss, test_acc1, test_acc5 at this epoch
        save   ckp_latest.pt;  ckp_max_test_acc1.pt, where test_acc1 is the greatest of this call

    A file holds ``model``, ``optimizer``, ``lr_scheduler``, ``epoch``, ``args``, and the maximum before this
    epoch. With ``torch.distributed``, rank 0 writes them, and a sampler is told the epoch.

    Args:
        args: printed and saved, not read.
        device: where the batches are moved to.
        model, criterion, optimizer, cal_acc1_acc5: as :func:`train_one_epoch` takes them.
        lr_scheduler: stepped once an epoch; ``None`` for a constant learning rate.
        train_data_loader, test_data_loader: pairs of inputs and classes.
        max_epoch: number of epochs, those of a resumed run included.
        use_amp: whether to train in mixed precision, on a CUDA device (default False).
        tb_log_dir: folder of a TensorBoard log (default None: no log).
        pt_dir: folder of the two files (default None: none).
        resume_pt: one of the two files, to go on from (default None). Only tensors and plain data, a
            ``Namespace`` of them included, are read. The maximum starts anew.

    Raises:
        ImportError: ``tb_log_dir`` is given and tensorboard is not installed.
        ZeroDivisionError: there is no batch.

    Source: ``clock_driven.model.train_classify.train_eval_loop``, SpikingJelly 0.0.0.0.14.
    """
    start, best, five, five_at_best = 0, -1.0, -1.0, -1.0
    if resume_pt is not None:
        with torch.serialization.safe_globals([argparse.Namespace, types.SimpleNamespace]):
            saved = torch.load(resume_pt, map_location="cpu", weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        if lr_scheduler is not None:
            lr_scheduler.load_state_dict(saved["lr_scheduler"])
        start = saved["epoch"] + 1
    scaler = torch.amp.GradScaler("cuda", enabled=torch.cuda.is_available()) if use_amp else None
    writer = None
    if on_master():
        for folder in (tb_log_dir, pt_dir):
            if folder is not None:
                os.makedirs(folder, exist_ok=True)
        if tb_log_dir is not None:
            writer = _gpu_monitor.summary_writer(tb_log_dir, "train_eval_loop", purge_step=start)

    def log(word: str, acc1: float, acc5: float, loss: float, epoch: int) -> None:
        if writer is not None:
            for name, value in (("loss", loss), ("acc1", acc1), ("acc5", acc5)):
                writer.add_scalar(f"{word}_{name}", value, epoch)

    for epoch in range(start, max_epoch):
        began = time.time()
        print(f"epoch={epoch}, args={args}")
        sampler: Any = getattr(train_data_loader, "sampler", None)
        if use_dist() and hasattr(sampler, "set_epoch"):
            sampler.set_epoch(epoch)
        trained = train_one_epoch(
            model, criterion, optimizer, train_data_loader, device, scaler, cal_acc1_acc5
        )
        log("train", *trained, epoch)
        if lr_scheduler is not None:
            lr_scheduler.step()
        tested = evaluate(model, criterion, test_data_loader, device, cal_acc1_acc5)
        log("test", *tested, epoch)
        checkpoint = {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "lr_scheduler": _state(lr_scheduler),
            "epoch": epoch,
            "args": args,
            "max_test_acc1": best,
            "test_acc5_at_max_test_acc1": five_at_best,
        }
        names = ["ckp_latest.pt"]
        five = max(five, tested[1])
        if tested[0] > best:
            best, five_at_best = tested[:2]
            names.append("ckp_max_test_acc1.pt")
        if pt_dir is not None and on_master():
            for name in names:
                torch.save(checkpoint, os.path.join(pt_dir, name))
        print(
            f"Test: max_test_acc1={best:.3f}, max_test_acc5={five:.3f}, "
            f"test_acc5_at_max_test_acc1={five_at_best:.3f}"
        )
        if tb_log_dir is not None:
            print("tensorboard log dir=", tb_log_dir)
        if pt_dir is not None:
            print("pt dir=", pt_dir)
        end = datetime.datetime.now() + datetime.timedelta(
            seconds=(time.time() - began) * (max_epoch - epoch - 1)
        )
        print(f"escape time={end:%Y-%m-%d %H:%M:%S}\n")


def distributed_training_init(args: Any, model: nn.Module) -> Any:
    """Join the processes that a launcher started, and return ``model`` so that they share its gradients.

    Equation, with the first of these that is there::

        RANK, WORLD_SIZE, LOCAL_RANK (torchrun)       rank, world_size, device = them
        SLURM_PROCID                                  rank = it, device = rank mod number of GPUs
        args.rank                                     as args says
        none                                          one process: args.distributed = False

    Args:
        args: its ``rank``, ``world_size``, ``device``, ``distributed`` and ``dist_backend`` are written; its
            ``dist_url`` and ``sync_bn`` (whether batch normalisation runs over all processes) are read, and
            ``device`` where no launcher says it.
        model: moved to the device.

    Returns ``model``, in ``DistributedDataParallel`` where there is more than one process to join. ``print``
    then speaks in the process of rank 0 only. The backend is nccl; on a machine without a CUDA device it is
    gloo, on the CPU.

    Raises:
        AttributeError: ``args`` lacks what is read.

    Source: ``clock_driven.model.train_classify.distributed_training_init``, SpikingJelly 0.0.0.0.14 (there
        a machine without CUDA raises).
    """
    cuda = torch.cuda.is_available()
    if "RANK" in os.environ and "WORLD_SIZE" in os.environ:
        args.rank = int(os.environ["RANK"])
        args.world_size = int(os.environ["WORLD_SIZE"])
        args.device = int(os.environ["LOCAL_RANK"]) if cuda else "cpu"
    elif "SLURM_PROCID" in os.environ:
        args.rank = int(os.environ["SLURM_PROCID"])
        args.device = args.rank % torch.cuda.device_count() if cuda else "cpu"
    elif not hasattr(args, "rank"):
        print("Not using distributed mode")
        args.distributed = False
        return model.to(args.device)
    model = model.to(args.device)
    args.distributed = True
    args.dist_backend = "nccl" if cuda else "gloo"
    if cuda:
        torch.cuda.set_device(args.device)
    print(f"| distributed init (rank {args.rank}): {args.dist_url}", flush=True)
    distributed.init_process_group(
        backend=args.dist_backend, init_method=args.dist_url, world_size=args.world_size, rank=args.rank
    )
    if args.sync_bn and cuda:
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    shared = nn.parallel.DistributedDataParallel(model, device_ids=[args.device] if cuda else None)
    setup_for_distributed(args.rank == 0)
    return shared
