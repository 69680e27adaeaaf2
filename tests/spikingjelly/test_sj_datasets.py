"""Datasets: frames, splits, batches and files, against plain counting."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data

from unisnn.core import absent
from unisnn.spikingjelly import configure, datasets

READERS = {
    "asl_dvs": "ASLDVS",
    "cifar10_dvs": "CIFAR10DVS",
    "dvs128_gesture": "DVS128Gesture",
    "es_imagenet": "ESImageNet",
    "hardvs": "HARDVS",
    "n_caltech101": "NCaltech101",
    "n_mnist": "NMNIST",
    "nav_gesture": "NAVGestureWalk",
    "shd": "SpikingHeidelbergDigits",
    "speechcommands": "SPEECHCOMMANDS",
}


def recording(times: list[int], seed: int = 0) -> dict[str, numpy.ndarray]:
    draw = numpy.random.RandomState(seed)
    n = len(times)
    return {
        "t": numpy.array(times, dtype=numpy.int64),
        "x": draw.randint(0, 4, n),
        "y": draw.randint(0, 3, n),
        "p": draw.randint(0, 2, n),
    }


def counted(events: dict[str, numpy.ndarray], chosen: range) -> numpy.ndarray:
    frame = numpy.zeros((2, 3, 4))
    for i in chosen:
        frame[events["p"][i], events["y"][i], events["x"][i]] += 1
    return frame


times = st.lists(st.integers(0, 60), min_size=1, max_size=25).map(sorted)


@settings(max_examples=60, deadline=None)
@given(times, st.integers(1, 7), st.sampled_from(["time", "number"]))
def test_fixed_number_of_frames_counts_every_event_once(when: list[int], count: int, how: str) -> None:
    events = recording(when)
    frames = datasets.integrate_events_by_fixed_frames_number(events, how, count, 3, 4)
    assert frames.shape == (count, 2, 3, 4)
    assert frames.dtype == numpy.float64
    first, end = datasets.cal_fixed_frames_number_segment_index(events["t"], how, count)
    for j in range(count):
        assert (frames[j] == counted(events, range(first[j], end[j]))).all()
    assert (frames.sum(0) == counted(events, range(len(when)))).all()


@settings(max_examples=60, deadline=None)
@given(
    times, st.one_of(st.integers(0, 30), st.just(7.5), st.just(math.inf)), st.sampled_from(["i8", "u1", "f8"])
)
def test_frames_of_a_duration_are_greedy(when: list[int], duration: float, dtype: str) -> None:
    events = recording(when)
    events["t"] = events["t"].astype(dtype)
    expected, start = [], 0
    for i, t in enumerate(when):
        if t - when[start] > duration:
            expected.append(counted(events, range(start, i)))
            start = i
    expected.append(counted(events, range(start, len(when))))
    frames = datasets.integrate_events_by_fixed_duration(events, duration, 3, 4)  # type: ignore[arg-type]
    assert frames.shape == (len(expected), 2, 3, 4)
    assert (frames == numpy.stack(expected)).all()


def test_a_silence_is_an_empty_frame() -> None:
    events = recording([0, 1, 2, 50, 97, 98, 100])
    first, end = datasets.cal_fixed_frames_number_segment_index(events["t"], "time", 5)
    assert first.tolist() == [0, 3, 3, 4, 4]
    assert end.tolist() == [3, 3, 4, 4, 7]
    assert datasets.integrate_events_by_fixed_frames_number(events, "time", 5, 3, 4)[1].sum() == 0


def test_events_beyond_the_frame_are_refused() -> None:
    x, y = numpy.array([0, 3]), numpy.array([0, 3])
    with pytest.raises(IndexError, match=r"y=0\.\.\.3.*0 <= y < H=3"):
        datasets.integrate_events_segment_to_frame(x, y, x, 3, 4, 0, 2)
    with pytest.raises(ValueError, match=r"y=-1\.\.\.2"):
        datasets.integrate_events_segment_to_frame(x, y - 1, x, 3, 4, 0, 2)
    empty = recording([])
    with pytest.raises(IndexError, match="no event"):
        datasets.integrate_events_by_fixed_duration(empty, 5, 3, 4)
    with pytest.raises(IndexError, match="no event"):
        datasets.cal_fixed_frames_number_segment_index(empty["t"], "time", 3)
    with pytest.raises(NotImplementedError, match="split_by='colour'"):
        datasets.cal_fixed_frames_number_segment_index(x, "colour", 3)


class Labelled(data.Dataset):
    def __init__(self, labels: list) -> None:
        self.labels = labels

    def __getitem__(self, index: int) -> tuple:
        return index, self.labels[index]

    def __len__(self) -> int:
        return len(self.labels)


@pytest.mark.parametrize("kind", [int, torch.tensor, numpy.array, numpy.int64])
def test_split_keeps_the_ratio_of_every_class(kind: type) -> None:
    whole = Labelled([kind(label) for label in (0, 1, 2, 0, 0, 1, 2, 2, 1, 0, 1)])
    train, test = datasets.split_to_train_test_set(0.5, whole, 3)
    assert train.indices == [0, 3, 1, 5, 2, 6]
    assert test.indices == [4, 9, 8, 10, 7]
    assert train.dataset is whole
    numpy.random.seed(1)
    train, test = datasets.split_to_train_test_set(0.7, whole, 3, random_split=True)
    assert sorted(train.indices + test.indices) == list(range(11))
    assert [sum(int(whole[i][1]) == label for i in train.indices) for label in range(3)] == [3, 3, 3]


def test_split_names_what_it_refuses() -> None:
    with pytest.raises(IndexError, match=r"label=2 of sample 2 .* num_classes=2"):
        datasets.split_to_train_test_set(0.5, Labelled([0, 1, 2]), 2)
    with pytest.raises(TypeError, match="label='a' of sample 0"):
        datasets.split_to_train_test_set(0.5, Labelled(["a"]), 2)
    with pytest.raises(ValueError, match=r"train_ratio=1\.5"):
        datasets.split_to_train_test_set(1.5, Labelled([0]), 2)


def test_batches_are_padded_and_masked() -> None:
    class Growing(Labelled):
        def __getitem__(self, index: int) -> tuple:
            return torch.full((index + 1, 2), 1.0), self.labels[index]

    loader = data.DataLoader(Growing([3, 1, 2]), batch_size=3, collate_fn=datasets.pad_sequence_collate)
    ((x, label, length),) = loader
    assert x.shape == (3, 3, 2)
    assert label.tolist() == [3, 1, 2]
    assert length.tolist() == [1, 2, 3]
    mask = datasets.padded_sequence_mask(length)
    assert mask.dtype == torch.bool
    assert mask.shape == (3, 3)
    assert torch.equal(mask.t().unsqueeze(-1).expand_as(x), x == 1)
    assert datasets.padded_sequence_mask(length, 5).sum(0).tolist() == [1, 2, 3]
    with pytest.raises(TypeError, match="float32"):
        datasets.padded_sequence_mask(length.float())


def test_labels_that_are_tensors_are_stacked() -> None:
    batch = [(torch.ones(2, 3), torch.tensor([0.5, 0.5])), (torch.ones(1, 3), torch.tensor([1.0, 0.0]))]
    assert datasets.pad_sequence_collate(batch)[1].tolist() == [[0.5, 0.5], [1.0, 0.0]]


def test_temporal_delete_keeps_the_order() -> None:
    x = torch.arange(24).view(8, 3)
    numpy.random.seed(5)
    kept = datasets.random_temporal_delete(x, 5, batch_first=False)
    assert kept.shape == (5, 3)
    assert (kept[1:, 0] > kept[:-1, 0]).all()
    numpy.random.seed(5)
    assert torch.equal(datasets.RandomTemporalDelete(5, batch_first=True)(x.t()), kept.t())
    with pytest.raises(ValueError, match="T_remain=9"):
        datasets.random_temporal_delete(x, 9, batch_first=False)


def test_frames_go_through_files(tmp_path, capsys) -> None:
    numpy.savez(tmp_path / "a.npz", **recording([1, 4, 9, 16]))
    made = tmp_path / "made"
    made.mkdir()
    source = str(tmp_path / "a.npz")
    datasets.integrate_events_file_to_frames_file_by_fixed_frames_number(
        numpy.load, source, str(made), "number", 2, 3, 4, print_save=True
    )
    assert capsys.readouterr().out == f"Frames [{made / 'a.npz'}] saved.\n"
    count = datasets.integrate_events_file_to_frames_file_by_fixed_duration(
        numpy.load, source, str(made), 5, 3, 4
    )
    assert count == 3
    assert sorted(path.name for path in made.iterdir()) == ["a.npz", "a_3.npz"]
    frames = datasets.load_npz_frames(str(made / "a.npz"))
    assert frames.dtype == numpy.float32
    assert frames.shape == (2, 2, 3, 4)


def test_compression_is_a_setting(tmp_path, monkeypatch) -> None:
    frames = numpy.zeros((4, 2, 16, 16))
    datasets.save_frames_to_npz_and_print(str(tmp_path / "small.npz"), frames)
    monkeypatch.setattr(configure, "save_datasets_compressed", False)
    datasets.save_frames_to_npz_and_print(str(tmp_path / "large.npz"), frames)
    assert (tmp_path / "small.npz").stat().st_size * 4 < (tmp_path / "large.npz").stat().st_size


def test_recordings_are_read_bit_by_bit(tmp_path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes([1, 2, 0x83, 4, 5, 7, 8, 0x7F, 255, 255]))
    read = datasets.load_ATIS_bin(str(path))
    assert {key: value.tolist() for key, value in read.items()} == {
        "t": [0x030405, 0x7FFFFF],
        "x": [1, 7],
        "y": [2, 8],
        "p": [1, 0],
    }
    path.write_bytes(bytes(7))
    with pytest.raises(ValueError, match="7 bytes"):
        datasets.load_ATIS_bin(str(path))
    path.write_bytes(b"#!AER-DAT3.1\r\n\x01\x00")
    with pytest.raises(ValueError, match="ends within the packet"):
        datasets.load_aedat_v3(str(path))


@pytest.mark.parametrize("linked", [False, True])
def test_a_part_of_a_dataset(tmp_path, linked: bool, capsys) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    for name in ("b", "a", "a/deeper"):
        (whole / name).mkdir(parents=True, exist_ok=True)
    for number in range(7):
        (whole / "b" / f"{number}.txt").write_text(str(number))
    datasets.create_sub_dataset(str(whole), str(part), 0.5, use_soft_link=linked)
    assert sorted(path.name for path in (part / "b").iterdir()) == ["0.txt", "1.txt", "2.txt"]
    assert (part / "a" / "deeper").is_dir()
    assert (part / "b" / "2.txt").read_text() == "2"
    assert (part / "b" / "0.txt").is_symlink() == linked
    assert "[3] files in" in capsys.readouterr().out


@pytest.mark.parametrize("module", READERS)
def test_readers_import_and_raise_on_use(module: str) -> None:
    found = importlib.import_module(f"unisnn.spikingjelly.datasets.{module}")
    reader = getattr(found, READERS[module])
    with pytest.raises(absent.AbsentError, match=READERS[module]):
        reader(root="/nowhere", train=True)


def test_import_needs_numpy_and_torch_alone() -> None:
    code = (
        "import sys; from unisnn.spikingjelly.datasets.dvs128_gesture import DVS128Gesture; "
        "print([n for n in ('torchvision', 'matplotlib', 'scipy', 'tqdm', 'h5py') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
