"""Cases of ``clock_driven``'s training programs: all epochs, launchers, command line, trial run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_EDITIONS = ("spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12")
_MODEL, _NEURON = "clock_driven.model", "clock_driven.neuron"

_RUNS: dict[str, list[dict[str, Any]]] = {
    "plain": [{"max_epoch": 3}],
    "amp": [{"max_epoch": 2, "use_amp": True}],
    "log": [{"max_epoch": 2, "tb_log_dir": "log"}],
    "files": [{"max_epoch": 4, "pt_dir": "a/b"}],
    "resumed": [
        {"max_epoch": 2, "pt_dir": "first"},
        {"max_epoch": 4, "pt_dir": "second", "tb_log_dir": "log", "resume_pt": "first/ckp_latest.pt"},
        {"max_epoch": 3, "resume_pt": "first/ckp_max_test_acc1.pt"},
    ],
    "nothing": [{"max_epoch": 0, "pt_dir": "empty"}],
}
_TORCHRUN = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1"}
_FIRST = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0"}
_HERE = {"sync_bn": False, "dist_url": "env://"}
_LAUNCHED: dict[str, dict[str, Any]] = {
    "torchrun": {"environment": _TORCHRUN, "given": _HERE},
    "master": {"environment": _FIRST, "given": _HERE},
    "synchronised": {"environment": _TORCHRUN, "given": {**_HERE, "sync_bn": True}},
    "both": {"environment": {**_TORCHRUN, "SLURM_PROCID": "0"}, "given": _HERE},
    "half": {"environment": {"RANK": "1"}, "given": {"device": "cpu"}},
    "slurm": {"environment": {"SLURM_PROCID": "3"}, "given": {**_HERE, "world_size": 4}},
    "given": {"environment": {}, "given": {**_HERE, "rank": 1, "world_size": 2, "device": 1}},
    "alone": {"environment": {}, "given": {**_HERE, "device": "cpu"}},
    "nowhere": {"environment": _TORCHRUN, "given": {"sync_bn": False}},
}
_LINES: dict[str, list[str]] = {
    "data": ["--data-path", "x"],
    "all": [
        *("--data-path", "x", "--device", "cpu", "-b", "4", "--epochs", "3", "-j", "2", "--lr", "0.5"),
        *("--opt", "adam", "--lrs", "step", "--step-size", "7", "--step-gamma", "0.3", "--cosa-tmax", "9"),
        *("--momentum", "0.5", "--wd", "0.01", "--output-dir", "o", "--resume", "r", "--start-epoch", "1"),
        *("--cache-dataset", "--sync-bn", "--amp", "--world-size", "2", "--dist-url", "u", "--tb"),
        *("--T", "4", "--local_rank", "1"),
    ],
    "long": ["--data-path", "x", "--batch-size", "5", "--workers", "1", "--weight-decay", "0.5"],
    "wrong": ["--epochs", "many"],
    "unknown": ["--unheard-of"],
    "default": [],
    "help": ["--help"],
}


def _case(edition: str, symbol: str, what: str, protocol: str, **more: Any) -> Case:
    path = f"{_MODEL}.{symbol}"
    return _grid.made(edition, "clock_program", path, what, protocol=protocol, **more)


def cases() -> Iterator[Case]:
    """Yield the cases of 0.0.0.0.14 and 0.0.0.0.12."""
    node = _grid.new(f"{_NEURON}.LIFNode", v_threshold=0.2)
    linear = {"$torch": "nn.Linear", "args": [6, 7], "kwargs": {}}
    first = {"$torch": "nn.Linear", "args": [4, 6], "kwargs": {}}
    x = {"x": {"kind": "normal", "seed": 6, "shape": [16, 4], "std": 2}}
    for edition in _EDITIONS:
        for word, runs in _RUNS.items():
            more = _grid.options(modules=[first, node, linear], inputs=x, runs=runs)
            yield _case(edition, "train_classify.train_eval_loop", word, "clock_loop", **more)
        for word, launched in _LAUNCHED.items():
            symbol = "train_classify.distributed_training_init"
            yield _case(edition, symbol, word, "clock_processes", **launched)
        for word in ("torchrun", "slurm"):
            launched = {**_LAUNCHED[word], "cuda": False}
            symbol = "train_classify.distributed_training_init"
            yield _case(edition, symbol, f"{word}/cpu", "clock_processes", **launched)
        for word, argv in _LINES.items():
            yield _case(edition, "train_imagenet.parse_args", word, "clock_options", argv=argv)
        yield _case(edition, "parametric_lif_net.test_models", "shapes", "clock_printed")
