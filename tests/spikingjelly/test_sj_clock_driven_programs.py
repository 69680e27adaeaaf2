"""Training programs of ``clock_driven.model``: all epochs, launched processes, the command line."""

from __future__ import annotations

import copy
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from unisnn.spikingjelly.clock_driven.model import parametric_lif_net, train_classify, train_imagenet


def batches(*sizes: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    torch.manual_seed(3)
    return [(torch.randn(n, 4) * 3, torch.arange(n) % 7) for n in sizes]


def loop(net: nn.Module, epochs: int, **kwargs: Any) -> torch.optim.lr_scheduler.StepLR:
    optimiser = torch.optim.SGD(net.parameters(), lr=0.4)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, 0.5)
    data = batches(6, 10)
    arguments = (net, nn.CrossEntropyLoss(), optimiser, schedule, data, data, epochs)
    train_classify.train_eval_loop({"lr": 0.4}, "cpu", *arguments, **kwargs)
    return schedule


def test_all_epochs_and_half_of_them_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    first = nn.Linear(4, 7)
    second = copy.deepcopy(first)
    loop(first, 4)
    assert "max_test_acc1=" in capsys.readouterr().out
    loop(second, 2, pt_dir=str(tmp_path / "a"))
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"ckp_latest.pt", "ckp_max_test_acc1.pt"}
    third = nn.Linear(4, 7)
    schedule = loop(third, 4, resume_pt=str(tmp_path / "a" / "ckp_latest.pt"))
    assert torch.equal(third.weight, first.weight)
    assert schedule.last_epoch == 4
    saved = torch.load(tmp_path / "a" / "ckp_latest.pt", weights_only=True)
    assert (saved["epoch"], saved["args"]) == (1, {"lr": 0.4})


def test_a_checkpoint_with_code_is_refused(tmp_path: Path) -> None:
    net = nn.Linear(4, 7)
    torch.save({"model": net.state_dict(), "args": Path}, tmp_path / "x.pt")
    with pytest.raises(pickle.UnpicklingError, match="pathlib"):
        loop(net, 1, resume_pt=str(tmp_path / "x.pt"))


def test_a_log_without_tensorboard_names_the_function(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match="train_eval_loop: log_dir="):
        loop(nn.Linear(4, 7), 1, tb_log_dir=str(tmp_path / "log"))


def test_one_process_without_a_launcher(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    net, args = nn.Linear(2, 3), SimpleNamespace(device="cpu")
    assert train_classify.distributed_training_init(args, net) is net
    assert args.distributed is False
    assert capsys.readouterr().out == "Not using distributed mode\n"


def launched(folder: str) -> None:
    os.environ.update(RANK="0", WORLD_SIZE="1", LOCAL_RANK="0")
    torch.cuda.is_available = lambda: False
    args = SimpleNamespace(dist_url=f"file://{folder}/meet", sync_bn=True)
    net = train_classify.distributed_training_init(args, nn.Linear(2, 3))
    net(torch.rand(4, 2)).sum().backward()
    assert net.module.weight.grad is not None
    print((args.rank, args.device, args.dist_backend, args.distributed))


def test_a_launched_process_shares_gradients(tmp_path: Path, alone: Callable[..., str]) -> None:
    assert alone(launched, str(tmp_path)).splitlines() == [
        f"| distributed init (rank 0): file://{tmp_path}/meet",
        "(0, 'cpu', 'gloo', True)",
    ]


def test_every_plif_net_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    parametric_lif_net.test_models()
    shapes = capsys.readouterr().out.split("\n")[:-1]
    assert shapes[5] == "torch.Size([2, 11])"
    assert shapes[6] == "torch.Size([4, 2, 10])"
    assert len(shapes) == 12


def test_the_command_line_of_imagenet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train", "-b", "4", "--amp", "--wd", "0.5", "--T", "4"])
    args = train_imagenet.parse_args()
    assert (args.batch_size, args.amp, args.weight_decay, args.T) == (4, True, 0.5, 4)
    assert (args.epochs, args.tb, args.lrs) == (90, False, "cosa")
