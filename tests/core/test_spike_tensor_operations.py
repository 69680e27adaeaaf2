"""Every operation on spikes gives what the float tensor gives, values and gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from unisnn.core.spike_tensor import SpikeTensor, to_dense

MASK = torch.tensor([True, False, True, False])
WEIGHT = torch.linspace(-1, 1, 54).reshape(2, 3, 3, 3)
OTHER = torch.linspace(-2, 2, 96).reshape(2, 3, 4, 4)

KEEP: dict[str, Callable[[Tensor], Any]] = {
    "clone": lambda s: s.clone(),
    "detach": lambda s: s.detach(),
    "reshape": lambda s: s.reshape(6, 16),
    "view": lambda s: s.view(6, -1),
    "t": lambda s: s[0, 0].t(),
    "T": lambda s: s[0, 0].T,
    "mT": lambda s: s.mT,
    "permute": lambda s: s.permute(3, 2, 1, 0),
    "transpose": lambda s: s.transpose(0, 1),
    "unsqueeze": lambda s: s.unsqueeze(0),
    "squeeze": lambda s: s[:1].squeeze(0),
    "squeeze all": lambda s: s[:1, :1].squeeze(),
    "flatten": lambda s: s.flatten(1),
    "unflatten": lambda s: s.unflatten(3, (2, 2)),
    "index": lambda s: s[0],
    "index ellipsis": lambda s: s[..., 0],
    "index tensor": lambda s: s[:, torch.tensor([0, 2])],
    "index mask": lambda s: s[..., MASK],
    "index none": lambda s: s[:, None],
    "slice": lambda s: s[:, 1:, ::2],
    "narrow": lambda s: s.narrow(1, 0, 2),
    "index_select": lambda s: s.index_select(0, torch.tensor([1, 0])),
    "masked_select": lambda s: s.masked_select(MASK),
    "gather": lambda s: s.gather(0, torch.zeros(1, 3, 4, 4, dtype=torch.long)),
    "take": lambda s: s.take(torch.tensor([1, 1, 5])),
    "cat": lambda s: torch.cat([s, s], 1),
    "stack": lambda s: torch.stack([s, s], 1),
    "hstack": lambda s: torch.hstack([s, s]),
    "contiguous": lambda s: s.transpose(0, 1).contiguous(),
    "channels last": lambda s: s.contiguous(memory_format=torch.channels_last),
    "expand": lambda s: s[:1].expand(5, 3, 4, 4),
    "repeat": lambda s: s.repeat(2, 1, 1, 1),
    "repeat_interleave": lambda s: s.repeat_interleave(2, 0),
    "split": lambda s: s.split(2, 1),
    "chunk": lambda s: s.chunk(2),
    "unbind": lambda s: s.unbind(1),
    "unfold": lambda s: s.unfold(3, 2, 1),
    "movedim": lambda s: s.movedim(0, 1),
    "diagonal": lambda s: s.diagonal(0, 2, 3),
    "flip": lambda s: s.flip(0, 1),
    "roll": lambda s: s.roll(1, 2),
    "tril": lambda s: s.tril(),
    "where of spikes": lambda s: torch.where(MASK, s, s.flip(3)),
    "cpu": lambda s: s.cpu(),
    "to device": lambda s: s.to("cpu", copy=True),
    "zeros_like": lambda s: torch.zeros_like(s),
    "iterate": lambda s: list(s),
}

DENSE: dict[str, Callable[[Tensor], Any]] = {
    "neg": lambda s: -s,
    "spikes - 1": lambda s: s - 1,
    "1 - spikes": lambda s: 1 - s,
    "spikes + 1": lambda s: s + 1,
    "spikes + dense": lambda s: s + OTHER,
    "dense + spikes": lambda s: OTHER + s,
    "spikes + spikes": lambda s: s + s,
    "spikes * dense": lambda s: s * OTHER,
    "spikes * 2": lambda s: 2 * s,
    "spikes * spikes": lambda s: s * s,
    "spikes / 2": lambda s: s / 2,
    "2 / spikes": lambda s: 2 / (s + 1),
    "power": lambda s: s**2,
    "==": lambda s: s == 1,
    ">": lambda s: s > 0,
    "any": lambda s: s.any(),
    "all": lambda s: s.all(1),
    "sum": lambda s: s.sum(),
    "sum(0)": lambda s: s.sum(0),
    "sum of dtype": lambda s: s.sum(dtype=torch.float64),
    "mean": lambda s: s.mean(),
    "mean(1)": lambda s: s.mean((2, 3)),
    "std": lambda s: s.std(),
    "var": lambda s: s.var(0),
    "prod": lambda s: (s + 1).prod(),
    "cumsum": lambda s: s.cumsum(0),
    "max": lambda s: s.max(),
    "max(1)": lambda s: s.max(1),
    "argmax": lambda s: s.argmax(1),
    "topk": lambda s: s.topk(2),
    "count_nonzero": lambda s: s.count_nonzero(),
    "nonzero": lambda s: s.nonzero(),
    "norm": lambda s: s.norm(),
    "mm": lambda s: torch.mm(s[0, 0], OTHER[0, 0]),
    "2-d @": lambda s: s[0, 0] @ OTHER[0, 0],
    "dense @ spikes": lambda s: OTHER[0, 0] @ s[0, 0],
    "spikes @ spikes": lambda s: s[0, 0] @ s[1, 1],
    "3-d @ 2-d": lambda s: s[0] @ OTHER[0, 0],
    "bmm": lambda s: torch.bmm(s[0], OTHER[0]),
    "matmul 4-d": lambda s: torch.matmul(s, OTHER),
    "mv": lambda s: s[0, 0] @ OTHER[0, 0, 0],
    "dot": lambda s: s.flatten().dot(OTHER.flatten()),
    "addmm": lambda s: torch.addmm(OTHER[0, 0], s[0, 0], OTHER[1, 1]),
    "einsum": lambda s: torch.einsum("bchw,dchw->bd", s, OTHER),
    "tensordot": lambda s: torch.tensordot(s, OTHER[0, 0], 1),
    "linear": lambda s: F.linear(s, OTHER[0, 0]),
    "linear with bias": lambda s: F.linear(s, OTHER[0, 0], OTHER[0, 0, 0]),
    "linear 2-d with bias": lambda s: F.linear(s[0, 0], OTHER[0, 0], OTHER[0, 0, 0]),
    "conv1d": lambda s: F.conv1d(s[:, :, 0], WEIGHT[:, :, 0], padding=1),
    "conv2d": lambda s: F.conv2d(s, WEIGHT, WEIGHT[:, 0, 0, 0], padding=1),
    "conv3d": lambda s: F.conv3d(s[None], WEIGHT[:, :2, None], padding=(0, 1, 1)),
    "conv_transpose2d": lambda s: F.conv_transpose2d(s, WEIGHT.transpose(0, 1)),
    "max_pool2d": lambda s: F.max_pool2d(s, 2),
    "avg_pool2d": lambda s: F.avg_pool2d(s, 2),
    "adaptive_avg_pool2d": lambda s: F.adaptive_avg_pool2d(s, 1),
    "batch_norm": lambda s: F.batch_norm(s, None, None, training=True),
    "layer_norm": lambda s: F.layer_norm(s, (4,)),
    "group_norm": lambda s: F.group_norm(s, 3),
    "relu": lambda s: torch.relu(s),
    "sigmoid": lambda s: torch.sigmoid(s),
    "softmax": lambda s: s.softmax(1),
    "gelu": lambda s: F.gelu(s),
    "clamp": lambda s: s.clamp(0, 0.5),
    "dropout": lambda s: F.dropout(s, 0.5),
    "pad": lambda s: F.pad(s, (1, 1), value=3.0),
    "interpolate": lambda s: F.interpolate(s, scale_factor=2),
    "mse_loss": lambda s: F.mse_loss(s, OTHER),
    "cross_entropy": lambda s: F.cross_entropy(s[:, :, 0, 0], torch.tensor([0, 1])),
    "where with dense": lambda s: torch.where(MASK, s, OTHER),
    "cat with dense": lambda s: torch.cat([s, OTHER]),
    "stack with dense": lambda s: torch.stack([OTHER, s]),
    "masked_fill": lambda s: s.masked_fill(MASK, 2.0),
    "scatter": lambda s: s.scatter(0, torch.zeros(1, 3, 4, 4, dtype=torch.long), 2.0),
    "index_add": lambda s: torch.zeros(2, 3, 4, 4).index_add(0, torch.tensor([1, 0]), s),
    "ones_like": lambda s: torch.ones_like(s),
    "full_like": lambda s: torch.full_like(s, 3.0),
    "rand_like": lambda s: torch.rand_like(s),
    "zeros_like of dtype": lambda s: torch.zeros_like(s, dtype=torch.int64),
    "new_zeros": lambda s: s.new_zeros(2),
    "float": lambda s: s.float(),
    "double": lambda s: s.double(),
    "half": lambda s: s.half(),
    "bfloat16": lambda s: s.bfloat16(),
    "to float32": lambda s: s.to(torch.float32),
    "to float64": lambda s: s.to(torch.float64),
    "to like": lambda s: s.to(OTHER),
    "type_as": lambda s: s.type_as(OTHER.double()),
    "bool": lambda s: s.bool(),
    "long": lambda s: s.long(),
    "argsort": lambda s: s.argsort(stable=True),
}


def spikes(dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    elem = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)) > 0.5
    dense = elem.to(dtype).requires_grad_()
    return SpikeTensor(elem, dtype).requires_grad_(), dense


def leaves(result: Any) -> list[Any]:
    return [*result] if isinstance(result, (list, tuple)) else [result]


def weighted(results: list[Tensor]) -> Tensor | None:
    terms = [(r * torch.arange(1, r.numel() + 1).reshape(r.shape)).sum() for r in results if r.requires_grad]
    return sum(terms[1:], terms[0]) if terms else None


def compare(operation: Callable[[Tensor], Any]) -> list[Tensor]:
    """Run on spikes and on floats; compare values, dtypes, shapes and gradients; return the results."""
    s, dense = spikes()
    torch.manual_seed(1)
    ours = leaves(operation(s))
    torch.manual_seed(1)
    expected = leaves(operation(dense))
    assert len(ours) == len(expected)
    for a, b in zip(ours, expected, strict=True):
        assert (a.dtype, a.shape, a.requires_grad) == (b.dtype, b.shape, b.requires_grad)
        assert torch.equal(to_dense(a), b)
    loss, expected_loss = weighted(ours), weighted(expected)
    if expected_loss is not None:
        assert loss is not None
        loss.backward()
        expected_loss.backward()
        assert type(s.grad) is Tensor
        assert torch.equal(s.grad, dense.grad)
    return ours


@pytest.mark.parametrize("name", KEEP)
def test_moving_elements_keeps_spikes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for result in compare(KEEP[name]):
        assert type(result) is SpikeTensor
        assert result.elem.dtype == torch.bool
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", DENSE)
def test_computing_gives_dense_floats(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for result in compare(DENSE[name]):
        assert type(result) is Tensor
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_dtype_asked_for_stays(dtype: torch.dtype) -> None:
    s, dense = spikes(dtype)
    assert s.dtype == dtype
    assert s.view(-1).dtype == s[0].clone().dtype == torch.cat([s, s]).dtype == dtype
    assert torch.equal(s * 0.3, dense * 0.3)
    assert torch.equal(s.sum(), dense.sum())
    mixed = torch.cat([s, spikes()[0]])
    assert type(mixed) is Tensor
    assert mixed.dtype == torch.promote_types(dtype, torch.float32)


@pytest.mark.parametrize(
    "operation", [torch.logical_not, lambda s: ~s, lambda s: s & s.flip(0), lambda s: s | s, lambda s: s ^ s]
)
def test_logic_of_spikes_is_spikes(operation: Callable[[Tensor], Tensor]) -> None:
    s, _ = spikes()
    result = operation(s.detach())
    assert type(result) is SpikeTensor
    assert torch.equal(result.elem, operation(s.elem))


def test_logic_with_dense_tensors_is_boolean() -> None:
    s, dense = spikes()
    assert torch.equal(s.detach() & MASK, s.elem & MASK)
    assert torch.equal(torch.logical_and(s, OTHER), torch.logical_and(dense, OTHER))


def test_spikes_can_be_the_condition() -> None:
    s, dense = spikes()
    assert torch.equal(torch.where(s, OTHER, -OTHER), torch.where(dense.bool(), OTHER, -OTHER))


def test_gradients_reach_weights() -> None:
    s, dense = spikes()
    grads = []
    for x in (s, dense):
        weight = WEIGHT.clone().requires_grad_()
        bias = torch.zeros(2, requires_grad=True)
        F.conv2d(x, weight, bias).square().sum().backward()
        grads.append((weight.grad, bias.grad, x.grad))
    for a, b in zip(*grads, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", ["add_", "mul_", "fill_", "zero_", "relu_", "clamp_", "normal_", "resize_"])
def test_writing_into_spikes_is_refused(name: str) -> None:
    s = spikes()[0].detach()
    arguments = {"add_": (1,), "mul_": (2,), "fill_": (1,), "clamp_": (0,), "resize_": (3,)}.get(name, ())
    before = s.elem.clone()
    with pytest.raises(TypeError, match="would write into spikes"):
        getattr(s, name)(*arguments)
    assert torch.equal(s.elem, before)


def test_writing_spikes_into_spikes_works() -> None:
    s = SpikeTensor(torch.tensor([[True, False], [False, False]]))
    s[1] = s[0]
    assert s.tolist() == [[1.0, 0.0], [1.0, 0.0]]
    with pytest.raises(TypeError, match="would write into spikes"):
        s[0] = torch.ones(2)


def test_augmented_assignment_rebinds_to_the_dense_result() -> None:
    s, dense = spikes()
    first = mem = s
    mem += OTHER
    mem *= 0.5
    assert torch.equal(mem, (dense + OTHER) * 0.5)
    assert type(mem) is Tensor
    assert type(first) is SpikeTensor


def test_spikes_can_be_written_into_dense_tensors() -> None:
    s, dense = spikes()
    target = torch.zeros(2, 3, 4, 4)
    target += s
    target[0] = s[1]
    assert torch.equal(target, torch.stack([dense[1], dense[1]]))
    assert torch.equal(torch.add(s.detach(), 1, out=torch.empty(0)), dense + 1)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1,)])
def test_every_shape(shape: tuple[int, ...]) -> None:
    s = SpikeTensor(torch.ones(shape, dtype=torch.bool))
    assert s.shape == shape
    assert torch.equal(s + 1, torch.full(shape, 2.0))
    assert s.sum().item() == torch.ones(shape).sum().item()
    assert s.tolist() == torch.ones(shape).tolist()


def test_autocast_and_compile() -> None:
    s, dense = (x.detach() for x in spikes())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(F.linear(s, OTHER[0, 0]), F.linear(dense, OTHER[0, 0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, at the first compilation
        compiled = torch.compile(lambda x: (x + 1) @ x, backend="eager", fullgraph=True)
        assert torch.equal(compiled(s), (dense + 1) @ dense)
