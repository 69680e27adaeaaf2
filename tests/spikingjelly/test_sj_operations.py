"""Quantisers, spike operations, the bool cache, CUDA helpers, and what only imports."""

from __future__ import annotations

import importlib
import time

import pytest
import torch
from torch import nn

from unisnn.core import absent
from unisnn.spikingjelly import configure
from unisnn.spikingjelly.activation_based import cuda_utils, quantize, spike_op, tensor_cache

HARDWARE = {
    "neuron_kernel": "MultiStepLIFNodePTT",
    "auto_cuda.base": "CKernel2D",
    "auto_cuda.cfunction": "sigmoid",
    "auto_cuda.generator": "VarNode",
    "auto_cuda.neuron_kernel": "LIFNodeATGF",
    "lava_exchange": "CubaLIFNode",
    "lynxi_exchange": "LIFNode",
    "cuda_utils": "DeviceEnvironment",
    "spike_op": "spikeLinear",
    "tensor_cache": "bool_spike_to_float",
}


@pytest.mark.parametrize("name", ["round", "ceil", "floor"])
def test_rounding_passes_the_gradient(name: str) -> None:
    x = torch.linspace(-2, 2, 17, requires_grad=True)
    y = getattr(quantize, name)(x)
    assert torch.equal(y, getattr(torch, name)(x.detach()))
    (y * torch.arange(17.0)).sum().backward()
    assert torch.equal(x.grad, torch.arange(17.0))


def test_clamp_has_a_gradient_at_both_ends() -> None:
    x = torch.tensor([-2.0, -1.0, 0.0, 0.5, 1.0], requires_grad=True)
    y = quantize.clamp(x, -1.0, 0.5)
    y.sum().backward()
    assert y.tolist() == [-1.0, -1.0, 0.0, 0.5, 0.5]
    assert x.grad.tolist() == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert torch.equal(quantize.clamp(x.detach(), -1.0, 0.5), y.detach())


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_k_bits_have_two_to_the_k_levels(bits: int) -> None:
    x = torch.linspace(0, 1, 4001, requires_grad=True)
    y = quantize.k_bit_quantize(x, bits)
    assert len(y.unique()) == 2**bits
    assert float((y - x).detach().abs().max()) <= 0.5 / (2**bits - 1) + 1e-6
    y.sum().backward()
    assert bool((x.grad == 1).all())
    with pytest.raises(ValueError, match="k=0"):
        quantize.k_bit_quantize(x, 0)


def test_step_and_linear_range() -> None:
    x = torch.tensor([-0.3, 0.1, 0.6])
    assert torch.allclose(quantize.step_quantize(x, 0.25), torch.tensor([-0.25, 0.0, 0.5]))
    y = quantize.clamp_by_linear(x)
    assert float(y.min()) == 0.0
    assert 0.999 < float(y.max()) <= 1.0


def test_spike_operations_are_torchs() -> None:
    s = (torch.rand(2, 3, 6, 6) > 0.5).float()
    torch.manual_seed(0)
    conv = spike_op.SpikeConv2d(3, 4, 3, padding=1)
    torch.manual_seed(0)
    same = nn.Conv2d(3, 4, 3, padding=1)
    assert torch.equal(conv(s), same(s))
    assert torch.equal(spike_op.spike_conv2d(s, same.weight, same.bias, padding=1), same(s))
    fc = spike_op.SpikeLinear(6, 2)
    assert torch.equal(fc(s), spike_op.spike_linear(s, fc.weight, fc.bias))


def test_bool_cache_counts_its_users() -> None:
    cache = tensor_cache.BoolTensorCache()
    s = (torch.rand(3, 4) > 0.5).half()
    key = cache.store_bool(s)
    assert cache.store_bool(s) == key
    assert cache.cache_dict[key][0].dtype == torch.bool
    for left in (1, 0):
        assert torch.equal(cache.get_float(key, s.shape), s)
        assert cache.cache_refcount_dict.get(key, 0) == left
    with pytest.raises(KeyError):
        cache.get_float(key, s.shape)


def test_cuda_helpers_without_cuda() -> None:
    assert [cuda_utils.cal_blocks(n) for n in (0, 1, 512, 513)] == [0, 1, 1, 2]
    assert cuda_utils.cal_blocks(10, 3) == 4
    assert configure.cuda_threads == 512
    (x,) = cuda_utils.get_contiguous(torch.rand(2, 3).t())
    assert x.is_contiguous()
    with pytest.raises(TypeError, match="int"):
        cuda_utils.get_contiguous(3)
    calls: list[int] = []
    assert cuda_utils.cpu_timer(time.sleep, 0.01) >= 9.0
    assert cuda_utils.cal_fun_t(3, "cpu", calls.append, 1) >= 0.0
    assert len(calls) == 6
    with pytest.raises(ValueError, match="n=0"):
        cuda_utils.cal_fun_t(0, "cpu", calls.append, 1)


@pytest.mark.parametrize("module", HARDWARE)
def test_names_that_need_hardware_import_and_raise(module: str) -> None:
    found = importlib.import_module(f"unisnn.spikingjelly.activation_based.{module}")
    with pytest.raises(absent.AbsentError, match=HARDWARE[module]):
        getattr(found, HARDWARE[module])()
