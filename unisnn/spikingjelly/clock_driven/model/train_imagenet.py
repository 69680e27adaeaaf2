"""The training program for ImageNet: its command line; what loads and trains needs a program of your own."""

from __future__ import annotations

import argparse

from unisnn.core import absent as _absent

__all__ = ["parse_args"]


def parse_args() -> argparse.Namespace:
    """Read the options of a training program from the command line.

    Defaults: ``data_path="./ImageNet"``, ``device="cuda"``, ``batch_size=32``, ``epochs=90``, ``workers=16``,
    ``lr=0.1``, ``opt="sgd"``, ``lrs="cosa"``, ``step_size=30``, ``step_gamma=0.1``, ``cosa_tmax=None``,
    ``momentum=0.9``, ``weight_decay=0``, ``output_dir="./logs"``, ``resume=""``, ``start_epoch=0``,
    ``world_size=1``, ``dist_url="env://"``, ``T=None``, ``local_rank=None``, and the flags ``cache_dataset``,
    ``sync_bn``, ``amp`` and ``tb``, which are off.

    Raises:
        SystemExit: an option is unknown or is no number where one belongs, or ``--help`` is asked for.

    Source: ``clock_driven.model.train_imagenet.parse_args``, SpikingJelly 0.0.0.0.14 (there ``data_path`` is
        a folder of its author's).
    """
    parser = argparse.ArgumentParser(description="PyTorch Classification Training")
    option = parser.add_argument
    option("--data-path", default="./ImageNet", help="folder of the data set")
    option("--device", default="cuda", help="device to train on")
    option("-b", "--batch-size", default=32, type=int)
    option("--epochs", default=90, type=int, metavar="N", help="number of epochs")
    option("-j", "--workers", default=16, type=int, metavar="N", help="data loading workers (default: 16)")
    option("--lr", default=0.1, type=float, help="learning rate of the first epoch")
    option("--opt", default="sgd", type=str, help="sgd or adam")
    option("--lrs", default="cosa", help="learning rate schedule: cosa (cosine), step, or None")
    option("--step-size", default=30, type=int, help="epochs of one learning rate, with --lrs step")
    option("--step-gamma", default=0.1, type=float, help="factor after each, with --lrs step")
    option("--cosa-tmax", default=None, type=int, help="half period, with --lrs cosa (default: all epochs)")
    option("--momentum", default=0.9, type=float, metavar="M", help="momentum of SGD")
    option("--wd", "--weight-decay", default=0, type=float, metavar="W", dest="weight_decay")
    option("--output-dir", default="./logs", help="folder of logs and checkpoints")
    option("--resume", default="", help="checkpoint to go on from")
    option("--start-epoch", default=0, type=int, metavar="N", help="number of the first epoch")
    option("--cache-dataset", dest="cache_dataset", action="store_true", help="keep the list of files")
    option("--sync-bn", dest="sync_bn", action="store_true", help="batch normalisation over all processes")
    option("--amp", action="store_true", help="train in mixed precision")
    option("--world-size", default=1, type=int, help="number of processes")
    option("--dist-url", default="env://", help="where processes meet")
    option("--tb", action="store_true", help="write a TensorBoard log")
    option("--T", default=None, type=int, help="time steps")
    option("--local_rank", default=None, type=int)
    return parser.parse_args()


_REASON = (
    "a training program around torchvision's data sets, not part of a network; train the networks of this "
    "package with train_classify.train_eval_loop"
)

__getattr__ = _absent.serve(__name__, {"load_data": _REASON, "main": _REASON})
