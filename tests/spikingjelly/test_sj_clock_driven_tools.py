"""The tools of clock_driven: rates by hand, a GPU's log from a stand-in, conversion module by module."""

from __future__ import annotations

import importlib
import logging
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from unisnn.core import absent, edition
from unisnn.spikingjelly.activation_based import monitor as activation_monitor
from unisnn.spikingjelly.clock_driven import (
    ann2snn,
    cu_kernel_opt,
    functional,
    neuron,
    spike_op,
    tensor_cache,
)
from unisnn.spikingjelly.clock_driven.monitor import Monitor


class Pass(neuron.BaseNode):
    """Fires what comes in."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class MultiStepPass(Pass):
    """The same, with time first."""


def value(x: Any) -> float:
    return float(x)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_rates_and_silence_by_hand(backend: str) -> None:
    net = nn.Sequential(Pass(), nn.Flatten(), Pass())
    watch = Monitor(net, backend=backend)
    assert list(watch.module_dict) == ["0", "2"]
    watch.enable()
    spikes = torch.tensor([[[1.0, 0], [0, 0]], [[1, 0], [1, 0]], [[0, 0], [1, 0]]])
    for x in spikes:
        net(x)
    for name in "02":
        assert value(watch.get_avg_firing_rate(all=False, module_name=name)) == pytest.approx(4 / 12)
        assert value(watch.get_nonfire_ratio(all=False, module_name=name)) == 0.5
    assert value(watch.get_avg_firing_rate()) == pytest.approx(1 / 3)
    kind = np.floating if backend == "numpy" else torch.Tensor
    assert isinstance(watch.get_avg_firing_rate(), kind)
    watch.reset()
    net(torch.ones(3, 2))
    assert value(watch.get_avg_firing_rate()) == 1.0
    assert value(watch.get_nonfire_ratio()) == 0.0


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_multi_step_layer_counts_neurons_without_time_and_batch(backend: str) -> None:
    for layer, neurons in ((MultiStepPass(), 5), (Pass(), 15)):
        watch = Monitor(layer, "cpu", backend)
        watch.enable()
        x = torch.zeros(4, 3, 5)
        x[2, 1, 0] = 1
        layer(x)
        assert layer.neuron_cnt == neurons
        assert value(watch.get_nonfire_ratio()) == pytest.approx(1 - 1 / neurons)
        assert value(watch.get_avg_firing_rate()) == pytest.approx(1 / 60)


def test_a_monitor_leaves_nothing_behind() -> None:
    net = nn.Sequential(neuron.IFNode(), neuron.MultiStepLIFNode())
    before = [set(vars(module)) for module in net.modules()]
    watch = Monitor(net)
    watch.disable()
    watch.enable()
    watch.enable()
    net(torch.rand(2, 3, 4))
    assert net[0].cnt == 24
    watch.disable()
    assert [set(vars(module)) for module in net.modules()] == before
    assert not any(module._forward_hooks for module in net.modules())
    net(torch.rand(2, 3, 4))


def test_a_monitor_says_what_it_lacks() -> None:
    net = nn.Sequential(Pass())
    with pytest.raises(ValueError, match="backend='cupy'"):
        Monitor(net, backend="cupy")
    with pytest.raises(ValueError, match="device=3"):
        Monitor(net, device=3)
    watch = Monitor(net)
    with pytest.raises(AttributeError, match="enable"):
        watch.get_avg_firing_rate()
    watch.enable()
    for ask in (watch.get_avg_firing_rate, watch.get_nonfire_ratio):
        with pytest.raises(ZeroDivisionError, match="call the network"):
            ask()
        with pytest.raises(ValueError, match=r"module_name='1'.*'0'"):
            ask(all=False, module_name="1")


def test_layers_that_were_not_called_are_left_out() -> None:
    net = nn.ModuleList([Pass(), Pass()])
    watch = Monitor(net)
    watch.enable()
    net[0](torch.tensor([[1.0, 0.0]]))
    assert value(watch.get_nonfire_ratio()) == 0.5
    with pytest.raises(ZeroDivisionError):
        watch.get_nonfire_ratio(all=False, module_name="1")


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for nvidia-smi; the file has its arguments, a line a call."""
    script, told = tmp_path / "nvidia-smi", tmp_path / "told"
    answer = "utilization.gpu [%], memory.used [MiB]\n7 %, 376 MiB\n[N/A], [N/A]\n"
    script.write_text(
        f"#!/bin/sh\necho \"$@\" >> '{told}'\n[ -e '{tmp_path}/broken' ] && exit 9\ncat <<END\n{answer}END\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return told


def run(thread: Any, told: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (not told.exists() or told.read_text().count("\n") < 2):
        time.sleep(0.005)
    thread.stop()
    thread.join(30)
    assert not thread.is_alive()


MONITORS = [activation_monitor.GPUMonitor, cu_kernel_opt.GPUMonitor]


@pytest.mark.parametrize("make", MONITORS)
def test_a_gpu_monitor_prints(make: Any, smi: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(make(gpu_ids=(0, 2), interval=0.01), smi)
    assert smi.read_text().split("\n")[0] == "--query-gpu=utilization.gpu,memory.used --format=csv -i 0,2"
    assert "utilization.gpu [%], memory.used [MiB]\n7 %, 376 MiB\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (MONITORS[0], [("gpu_monitor", "utilization_5", 7, 0), ("gpu_monitor", "memory_used_5", 376, 0)]),
        (MONITORS[1], [("gpu_5", "utilization", 7, 0), ("gpu_5", "memory_used", 376, 0)]),
    ],
)
def test_a_gpu_monitor_writes_a_log(
    make: Any, expected: list[Any], smi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Any] = []

    class SummaryWriter:
        def __init__(self, folder: str) -> None:
            assert Path(folder).parent == tmp_path / "log"
            self.name = Path(folder).name

        def add_scalar(self, tag: str, number: float, step: int) -> None:
            records.append((self.name, tag, number, step))

    board: Any = ModuleType("torch.utils.tensorboard")
    board.SummaryWriter = SummaryWriter
    monkeypatch.setitem(sys.modules, board.__name__, board)
    run(make(str(tmp_path / "log"), (5, 6), 0.01), smi)
    assert records[:2] == expected
    assert not any("6" in f"{name}{tag}" for name, tag, *_ in records)


@pytest.mark.parametrize("make", MONITORS)
def test_a_gpu_monitor_names_what_is_missing(
    make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="nvidia-smi"):
        make()
    waiting = make(start_now=False)
    with pytest.raises(FileNotFoundError, match="nvidia-smi"):
        waiting.start()
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ImportError, match="pip install tensorboard"):
        make(log_dir="log", start_now=False)
    for wrong in ({"gpu_ids": ()}, {"interval": 0}):
        with pytest.raises(ValueError, match="is not accepted"):
            make(start_now=False, **wrong)


def test_a_failing_nvidia_smi_is_told(smi: Path, caplog: pytest.LogCaptureFixture) -> None:
    (smi.parent / "broken").touch()
    with caplog.at_level(logging.WARNING, "unisnn"):
        run(MONITORS[0](interval=0.01), smi)
    assert "failed" in caplog.text


def converted(net: nn.Module, **kwargs: Any) -> nn.Module:
    torch.manual_seed(2)
    return ann2snn.Converter([(torch.rand(8, 3), 0) for _ in range(3)], **kwargs)(net)


def net() -> nn.Sequential:
    torch.manual_seed(1)
    made = nn.Sequential(
        nn.Linear(3, 8), nn.ReLU(), nn.ModuleDict({"a": nn.ReLU()})["a"], nn.Linear(8, 4), nn.ReLU()
    )
    for module in made.modules():
        if isinstance(module, nn.Linear):
            nn.init.uniform_(module.weight, 0, 1)
    return made


def test_relus_become_neurons_in_a_copy() -> None:
    ann = net()
    snn = converted(ann)
    assert sum(isinstance(module, nn.ReLU) for module in ann.modules()) == 3
    kinds = [type(module) for module in snn.modules()]
    assert kinds.count(neuron.IFNode) == 3
    assert nn.ReLU not in kinds
    assert ann.training
    pairs = list(zip(ann.parameters(), snn.parameters(), strict=True))
    assert all(p is not q and torch.equal(p, q) for p, q in pairs)
    for module in snn.modules():
        if isinstance(module, nn.Sequential) and isinstance(module[0], ann2snn.modules.VoltageScaler):
            assert value(module[0].scale * module[2].scale) == pytest.approx(1)


def test_rates_approach_the_network() -> None:
    ann = net().eval()
    snn, x = converted(ann, mode=1.0), torch.rand(8, 3)
    errors = []
    with torch.no_grad():
        for steps in (16, 256):
            functional.reset_net(snn)
            rate = torch.stack([snn(x) for _ in range(steps)]).mean(0)
            errors.append((rate - ann(x)).abs().median().item())
    assert errors[1] < errors[0] / 4


def test_conversion_refuses_with_its_value() -> None:
    for mode in ("mean", 2.0, None):
        with pytest.raises(NotImplementedError, match="mode="):
            ann2snn.Converter([], mode=mode)
    silent = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    nn.init.constant_(silent[0].bias, -9.0)
    with pytest.raises(ZeroDivisionError, match="no scale"):
        converted(silent)


def test_a_bare_relu_is_converted() -> None:
    snn = converted(nn.ReLU())
    assert [type(module) for module in snn][1] is neuron.IFNode


def test_blocks_of_threads_follow_the_edition() -> None:
    assert [cu_kernel_opt.cal_blocks(n) for n in (0, 512, 513, 1025)] == [0, 1, 2, 3]
    with edition.using("spikingjelly", "0.0.0.0.12"):
        assert [cu_kernel_opt.cal_blocks(n) for n in (0, 512, 513, 1025)] == [0, 1, 1, 2]
    assert cu_kernel_opt.cal_fun_t(2, "cpu", time.sleep, 0.002) >= 1.9


def test_both_packages_share_their_operations() -> None:
    for name, module in (("spike_op", spike_op), ("tensor_cache", tensor_cache)):
        other = importlib.import_module(f"unisnn.spikingjelly.activation_based.{name}")
        assert module.__all__ == other.__all__
        assert all(getattr(module, each) is getattr(other, each) for each in module.__all__)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("cu_kernel_opt", "DeviceEnvironment"),
        ("tensor_cache", "DataTypeConvertCUDACode"),
        ("neuron_kernel", "MultiStepIFNodePTT"),
    ],
)
def test_what_is_cuda_imports_and_raises(module: str, name: str) -> None:
    found = importlib.import_module(f"unisnn.spikingjelly.clock_driven.{module}")
    with pytest.raises(absent.AbsentError, match=name):
        getattr(found, name)(0)
