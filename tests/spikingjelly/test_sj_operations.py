"""Quantisers, spike operations, the bool cache, CUDA helpers, and what only imports."""

from __future__ import annotations

import importlib
import time
from typing import Any

import pytest
import torch
from torch import nn

from unisnn.core import absent, bits
from unisnn.spikingjelly import configure
from unisnn.spikingjelly.activation_based import cuda_utils, quantize, spike_op, tensor_cache

HARDWARE = {
    "neuron_kernel": "MultiStepLIFNodePTT",
    "auto_cuda.base": "CKernel2D",
    "auto_cuda.generator": "VarNode",
    "auto_cuda.neuron_kernel": "LIFNodeATGF",
    "lava_exchange": "BlockContainer",
    "lynxi_exchange": "LIFNode",
    "cuda_utils": "DeviceEnvironment",
    "tensor_cache": "DataTypeConvertCUDACode",
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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.bool])
@pytest.mark.parametrize("shape", [(0,), (1,), (8,), (3, 5), (4, 4), (2, 3, 7)])
def test_bits_make_the_round_trip(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    s = (torch.rand(shape) > 0.5).to(dtype)
    packed = tensor_cache.float_spike_to_bool(s)
    assert packed[0].dtype == torch.uint8
    assert packed[1:] == (dtype, s.shape, 8 - s.numel() % 8)
    assert packed[0].numel() == s.numel() // 8 + 1
    back = tensor_cache.bool_spike_to_float(*packed)
    assert back.dtype == dtype
    assert torch.equal(back, s)
    turned = s.movedim(0, -1)
    assert torch.equal(tensor_cache.bool_spike_to_float(*tensor_cache.float_spike_to_bool(turned)), turned)


def test_the_first_spike_is_the_lowest_bit() -> None:
    packed, *_ = tensor_cache.float_spike_to_bool(torch.tensor([1.0, 0, 0, 1, 0, 0, 0, 0, 0, 1]))
    assert packed.tolist() == [9, 2]
    with pytest.raises(ValueError, match="s_padding=0"):
        tensor_cache.bool_spike_to_float(packed, torch.float32, (10,))
    with pytest.raises(ValueError, match="padding=3"):
        bits.pack(torch.ones(4), 3)
    with pytest.raises(ValueError, match="17 elements"):
        bits.unpack(packed, torch.float32, (17,))


@pytest.mark.parametrize("shape", [(5, 4), (3, 2, 4), (4,)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear_from_bits_has_torchs_gradients(shape: tuple[int, ...], bias: bool) -> None:
    def graded(function: Any) -> list[torch.Tensor]:
        torch.manual_seed(6)
        s = (torch.rand(shape) > 0.5).float().requires_grad_()
        given = [torch.randn(3, 4, requires_grad=True), torch.randn(3, requires_grad=True) if bias else None]
        y = function(s, *given)
        y.backward(torch.randn(y.shape))
        return [y.detach(), s.grad, *(each.grad for each in given if each is not None)]

    for ours, torchs in zip(graded(spike_op.spikeLinear.apply), graded(nn.functional.linear), strict=True):
        assert torch.equal(ours, torchs)


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("how", [(1, 0, 1, 1), (2, 1, 2, 2), (1, "valid", 1, 1)])
def test_convolution_from_bits_has_torchs_gradients(size: int, how: tuple[Any, ...]) -> None:
    def graded(function: Any, batch: tuple[int, ...]) -> list[torch.Tensor]:
        torch.manual_seed(7)
        s = (torch.rand(*batch, 4, *[6] * size) > 0.5).float().requires_grad_()
        w = torch.randn(6, 4 // how[-1], *[3] * size, requires_grad=True)
        b = torch.randn(6, requires_grad=True)
        y = function(s, w, b, *how)
        y.backward(torch.randn(y.shape))
        return [y.detach(), s.grad, w.grad, b.grad]

    torchs = getattr(nn.functional, f"conv{size}d")
    for batch in ((2,), ()):
        both = zip(graded(spike_op.spikeConvolution.apply, batch), graded(torchs, batch), strict=True)
        assert all(torch.equal(a, b) for a, b in both)


class OnCuda(torch.Tensor):
    """A tensor that says it is on a CUDA device, so that the operations keep its bits."""

    is_cuda = True


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: spike_op.SpikeLinear(6, 2), (2, 6)),
        (lambda: spike_op.SpikeConv1d(3, 2, 3, padding=1), (2, 3, 6)),
        (lambda: spike_op.SpikeConv2d(3, 2, 3, stride=2), (2, 3, 6, 6)),
        (lambda: spike_op.SpikeConv3d(3, 2, 3, padding="valid"), (2, 3, 4, 4, 4)),
    ],
)
def test_spike_layers_keep_bits_on_cuda(make: Any, shape: tuple[int, ...]) -> None:
    layer, s = make(), (torch.rand(shape) > 0.5).float()
    grads = []
    for given in (s, s.as_subclass(OnCuda)):
        layer.zero_grad()
        y = layer(given)
        assert type(y.grad_fn).__name__.startswith("spike") is isinstance(given, OnCuda)
        y.sum().backward()
        grads.append([parameter.grad.clone() for parameter in layer.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*grads, strict=True))


def test_what_waits_for_the_backward_pass_is_bits() -> None:
    s, w = (torch.rand(64, 32) > 0.5).float(), torch.randn(8, 32, requires_grad=True)
    y = spike_op.spikeLinear.apply(s, w, None)
    kept = [each for each in y.grad_fn.saved_tensors if each is not w]
    assert [each.numel() * each.element_size() for each in kept] == [s.numel() // 8]
    with torch.autocast("cpu", torch.bfloat16):
        spike_op.spikeLinear.apply(s, w, None).sum().backward()
    assert w.grad.dtype == torch.float32
    with pytest.raises(ValueError, match="padding='same'"):
        spike_op.spikeConvolution.apply(torch.ones(1, 1, 4), torch.ones(1, 1, 3), None, 1, "same", 1, 1)


def test_bool_cache_counts_its_users() -> None:
    cache = tensor_cache.BoolTensorCache()
    s = (torch.rand(3, 4) > 0.5).half()
    key = cache.store_bool(s)
    assert cache.store_bool(s) == key
    assert cache.cache_dict[key][0].numel() == 2
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
