"""Conversion of trained networks: scales by hand, rates that approach the ReLU, refusals that say why."""

from __future__ import annotations

import copy
import importlib
import math
import urllib.error
from pathlib import Path

import pytest
import torch
from torch import nn

from unisnn.core.absent import AbsentError
from unisnn.spikingjelly.activation_based import ann2snn, functional, neuron
from unisnn.spikingjelly.activation_based.ann2snn.modules import VoltageHook, VoltageScaler


def net() -> nn.Sequential:
    torch.manual_seed(3)
    made = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 5), nn.ReLU()
    )
    for _ in range(5):
        made(torch.randn(16, 1, 6, 6))
    return made


def batches(count: int = 3) -> list[tuple[torch.Tensor, int]]:
    generator = torch.Generator().manual_seed(4)
    return [(torch.randn(8, 1, 6, 6, generator=generator), 0) for _ in range(count)]


@pytest.mark.parametrize("mode", ["max", "99%", 0.5])
def test_the_scale_follows_its_equation(mode: str | float) -> None:
    hook, expected = VoltageHook(mode=mode, momentum=0.25), None
    for x, _ in batches():
        assert hook(x) is x
        ordered = x.flatten().sort().values
        if mode == "max":
            s = ordered[-1]
        elif mode == 0.5:
            s = ordered[-1] * 0.5
        else:
            place = 0.99 * (len(ordered) - 1)
            low = math.floor(place)
            s = ordered[low] + (ordered[low + 1] - ordered[low]) * (place - low)
        expected = s if expected is None else 0.75 * expected + 0.25 * s
        torch.testing.assert_close(hook.scale, expected)
    assert hook.num_batches_tracked == 24


def test_the_percentile_keeps_the_dtype() -> None:
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        hook = VoltageHook(mode="50%")
        hook(torch.tensor([0.0, 1.0, 2.0], dtype=dtype))
        assert hook.scale.dtype == dtype
        assert hook.scale.item() == 1.0


@pytest.mark.parametrize("mode", ["mean", "%", "x%", 0.0, 1.5, 1, True, None, float("nan")])
def test_another_mode_is_refused_with_its_value(mode: object) -> None:
    with pytest.raises(NotImplementedError, match=r"mode=.*expected 'max'"):
        ann2snn.Converter([], mode=mode)
    with pytest.raises(NotImplementedError, match=r"VoltageHook: mode=.*'99.9%'"):
        VoltageHook(mode=mode)(torch.ones(1, 2))


def test_a_percentile_out_of_range_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="'101%'"):
        VoltageHook(mode="101%")(torch.ones(1, 2))


def test_a_scaler_multiplies_by_its_buffer() -> None:
    scaler = VoltageScaler(torch.tensor(0.25))
    assert repr(scaler) == "VoltageScaler(0.250000)"
    assert list(scaler.state_dict()) == ["scale"]
    assert torch.equal(scaler(torch.tensor([4.0, -2.0])), torch.tensor([1.0, -0.5]))


@pytest.mark.parametrize("fuse", [True, False])
def test_rates_approach_the_network(fuse: bool) -> None:
    ann = net()
    weights = copy.deepcopy(ann.state_dict())
    snn = ann2snn.Converter(batches(), mode="max", momentum=1.0, fuse_flag=fuse)(ann)
    kinds = [type(module) for module in snn.modules()]
    assert kinds.count(neuron.IFNode) == 2
    assert nn.ReLU not in kinds
    assert (nn.BatchNorm2d in kinds) is not fuse
    assert all(torch.equal(value, weights[name]) for name, value in ann.state_dict().items())
    x = batches()[-1][0]
    ann.eval()
    errors = []
    with torch.no_grad():
        for steps in (16, 256):
            functional.reset_net(snn)
            rate = torch.stack([snn(x) for _ in range(steps)]).mean(0)
            errors.append((rate - ann(x)).abs().max().item())
    assert errors[1] < errors[0] / 4
    assert errors[1] < 0.02 * ann(x).max().item()


def test_the_result_resets() -> None:
    snn, x = ann2snn.Converter(batches())(net()), batches()[0][0]
    first = [snn(x).detach() for _ in range(3)]
    functional.reset_net(snn)
    assert all(torch.equal(snn(x), y) for y in first)
    assert not torch.equal(snn(x), first[0])


def test_a_silent_relu_is_named() -> None:
    silent = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    nn.init.constant_(silent[0].bias, -9.0)
    with pytest.raises(ZeroDivisionError, match="ReLU '1'"):
        ann2snn.Converter([(torch.rand(4, 3), 0)])(silent)


def test_a_network_without_parameters_is_converted_on_the_cpu() -> None:
    converter = ann2snn.Converter([(torch.rand(4, 3), 0)])
    snn = converter(nn.Sequential(nn.ReLU()))
    assert converter.device == torch.device("cpu")
    assert any(isinstance(module, neuron.IFNode) for module in snn.modules())


def test_what_is_absent_imports_and_says_so_when_used() -> None:
    path = "unisnn.spikingjelly.activation_based.ann2snn.sample_models.cifar10_resnet"
    with pytest.raises(AbsentError, match="ResNet18"):
        importlib.import_module(path).ResNet18()


def test_a_download_is_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "weights", tmp_path / "copy"
    source.write_bytes(bytes(range(256)))
    for there in (None, b"half of it", source.read_bytes()):
        if there is not None:
            target.write_bytes(there)
        before = target.stat().st_mtime_ns if target.exists() else 0
        assert ann2snn.download_url(source.as_uri(), target) == 256
        assert target.read_bytes() == source.read_bytes()
        assert (target.stat().st_mtime_ns == before) is (there == source.read_bytes())
    with pytest.raises(urllib.error.URLError):
        ann2snn.download_url((tmp_path / "nothing").as_uri(), tmp_path / "none")
    assert not (tmp_path / "none").exists()
    capfd.readouterr()
