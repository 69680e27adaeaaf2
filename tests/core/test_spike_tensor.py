"""SpikeTensor as an object: making, converting, copying, saving, showing."""

from __future__ import annotations

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils import data

from unisnn.core import spike_tensor
from unisnn.core.spike_tensor import SpikeTensor, from_dense, to_dense

ELEM = torch.tensor([[True, False, True], [False, False, True]])


def test_payload_is_shared_and_the_face_is_float() -> None:
    s = SpikeTensor(ELEM)
    assert s.elem is ELEM
    assert (s.dtype, s.shape, s.device, len(s)) == (torch.float32, (2, 3), ELEM.device, 2)
    assert isinstance(s, Tensor)
    assert s.is_floating_point()
    assert SpikeTensor(ELEM, torch.float16).dtype == torch.float16
    assert SpikeTensor(ELEM.t()).stride() == ELEM.t().stride()


@pytest.mark.parametrize(
    "elem", [torch.zeros(2), torch.zeros(2, dtype=torch.uint8), [True], SpikeTensor(ELEM)]
)
def test_payload_must_be_boolean(elem: object) -> None:
    with pytest.raises(AssertionError, match=r"SpikeTensor: elem=.*expected a tensor of dtype torch\.bool"):
        SpikeTensor(elem)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, "float32"])
def test_face_must_be_floating(dtype: torch.dtype) -> None:
    with pytest.raises(AssertionError, match=r"SpikeTensor: dtype=.*expected a floating dtype"):
        SpikeTensor(ELEM, dtype)


def test_from_dense_takes_every_nonzero_as_a_spike() -> None:
    x = torch.tensor([0.0, -0.0, 1.0, 0.5, -1.0, float("nan"), float("inf")])
    for make in (from_dense, SpikeTensor.from_dense):
        assert make(x).elem.tolist() == [False, False, True, True, True, True, True]
    assert from_dense(ELEM).elem is ELEM
    assert from_dense(x.double()).dtype == torch.float64
    assert from_dense(x.double(), torch.float16).dtype == torch.float16
    assert from_dense(torch.tensor([0, 3])).dtype == torch.float32
    s = SpikeTensor(ELEM)
    assert from_dense(s) is s
    assert from_dense(s, torch.float64).dtype == torch.float64


def test_conversions_are_straight_through() -> None:
    x = torch.tensor([0.0, 1.0, 1.0], requires_grad=True)
    g = torch.tensor([1.0, -2.0, 3.0])
    s = from_dense(x)
    assert s.requires_grad
    assert (to_dense(s) * g).sum().requires_grad
    (s.to_dense() * g).sum().backward()
    assert torch.equal(x.grad, g)
    x.grad = None
    (from_dense(x, torch.float64).to_dense(torch.float16) * g).sum().backward()
    assert torch.equal(x.grad, g)
    assert x.grad.dtype == torch.float32


def test_to_dense_takes_a_dtype_and_leaves_plain_tensors_alone() -> None:
    s = SpikeTensor(ELEM)
    assert type(s.to_dense()) is Tensor
    assert s.to_dense(torch.float64).dtype == torch.float64
    x = torch.ones(2)
    assert to_dense(x) is x
    assert to_dense(x, torch.float64).dtype == torch.float64


def test_second_gradients_flow() -> None:
    x = torch.tensor([0.5, 2.0], requires_grad=True)
    s = from_dense(x)
    (first,) = torch.autograd.grad((s * x**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    # d/dx (s x^3) = x^3 ds + 3 s x^2 with ds = 1 straight through, and once more
    assert torch.allclose(second, 3 * x**2 + 3 * x**2 + 6 * x)


def test_values_leave_as_numpy_and_lists() -> None:
    s = SpikeTensor(ELEM, torch.float64)
    assert s.tolist() == [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    assert s.numpy().dtype == np.float64
    assert np.array_equal(np.asarray(s), ELEM.double().numpy())
    assert np.asarray(s, dtype=np.int8).dtype == np.int8
    assert s[0, 0].item() == 1.0
    assert [row.tolist() for row in s] == s.tolist()
    assert bool(s[0, 0]) is True
    assert float(s[0, 1]) == 0.0
    s.requires_grad_()
    with pytest.raises(RuntimeError, match="requires grad"):
        s.numpy()
    assert s.numpy(force=True).sum() == 3.0


def test_equal_compares_values() -> None:
    s = SpikeTensor(ELEM)
    assert torch.equal(s, SpikeTensor(ELEM.clone()))
    assert torch.equal(s, ELEM.float())
    assert not torch.equal(s, ~s)
    assert torch.allclose(s, ELEM.float())


def test_repr_shows_floats_and_the_graph() -> None:
    s = SpikeTensor(ELEM)
    assert repr(s) == "SpikeTensor([[1., 0., 1.],\n             [0., 0., 1.]])"
    assert "dtype=torch.float16" in repr(SpikeTensor(ELEM, torch.float16))
    assert repr(SpikeTensor(ELEM[0]).requires_grad_()) == "SpikeTensor([1., 0., 1.], requires_grad=True)"
    x = torch.ones(1, requires_grad=True)
    assert repr(from_dense(x)[0]) == "SpikeTensor(1., grad_fn=<SelectBackward0>)"


def test_deepcopy_and_copy() -> None:
    s = SpikeTensor(ELEM.clone(), torch.float64).requires_grad_()
    s.sum().backward()
    new, same = copy.deepcopy([s, s])
    assert new is same
    assert new is not s
    assert new.elem is not s.elem
    assert torch.equal(new, s)
    assert (new.dtype, new.requires_grad) == (s.dtype, True)
    assert torch.equal(new.grad, torch.ones(2, 3, dtype=torch.float64))
    assert copy.copy(s).elem is s.elem
    with pytest.raises(RuntimeError, match="only a graph leaf can be deep-copied"):
        copy.deepcopy(s.view(-1))


def test_pickle_and_torch_save() -> None:
    s = SpikeTensor(ELEM, torch.bfloat16).requires_grad_()
    again = pickle.loads(pickle.dumps(s))
    assert type(again) is SpikeTensor
    assert (again.dtype, again.requires_grad) == (torch.bfloat16, True)
    assert torch.equal(again, s)
    file = io.BytesIO()
    torch.save({"spikes": s, "payload": s.elem}, file)
    file.seek(0)
    loaded = torch.load(file, weights_only=False)
    assert torch.equal(loaded["spikes"], s)
    assert loaded["spikes"].elem.data_ptr() == loaded["payload"].data_ptr()


def test_weights_only_needs_the_opt_in() -> None:
    file = io.BytesIO()
    torch.save(SpikeTensor(ELEM), file)
    file.seek(0)
    before = torch.serialization.get_safe_globals()  # other tests of this process may have opted in
    torch.serialization.clear_safe_globals()
    try:
        with pytest.raises(pickle.UnpicklingError):
            torch.load(file, weights_only=True)
        spike_tensor.add_safe_globals()
        file.seek(0)
        assert torch.equal(torch.load(file, weights_only=True), SpikeTensor(ELEM))
    finally:
        torch.serialization.clear_safe_globals()
        torch.serialization.add_safe_globals(before)


def test_state_dict_of_a_spike_buffer() -> None:
    module = torch.nn.Module()
    module.register_buffer("mask", SpikeTensor(ELEM.clone()))
    other = copy.deepcopy(module)
    other.mask.elem.zero_()
    other.load_state_dict(module.state_dict())
    assert type(other.mask) is SpikeTensor
    assert torch.equal(other.mask, module.mask)
    assert type(module.double().mask) is Tensor


class _Spikes(data.Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return SpikeTensor(torch.arange(3) < index), index


@pytest.mark.parametrize("in_worker", [False, True])
def test_data_loader_batches(in_worker: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if in_worker:
        monkeypatch.setattr(data, "get_worker_info", lambda: object())
    batches = list(data.DataLoader(_Spikes(), batch_size=2))
    assert [type(spikes) for spikes, _ in batches] == [SpikeTensor, SpikeTensor]
    assert batches[1][0].tolist() == [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
