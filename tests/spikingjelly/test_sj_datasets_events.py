"""Slices, frames, grids, files and pictures of events, against plain loops over the events."""

from __future__ import annotations

import io
import pickle

import matplotlib
import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from unisnn.core import edition
from unisnn.spikingjelly import datasets
from unisnn.spikingjelly.datasets import cifar10_dvs, es_imagenet, nav_gesture, shd, to_x_rep

matplotlib.use("Agg")
SENSOR = (4, 3, 2)


def recording(times: list[float], dtype: str = "i8", seed: int = 0) -> numpy.ndarray:
    draw = numpy.random.RandomState(seed)
    events = numpy.zeros(len(times), dtype=[("x", "i2"), ("y", "i2"), ("t", dtype), ("p", "i1")])
    events["t"] = times
    for name, size in zip("xyp", SENSOR, strict=True):
        events[name] = draw.randint(0, size, len(times))
    return events


def counted(events: numpy.ndarray) -> numpy.ndarray:
    frame = numpy.zeros((2, 3, 4), dtype=numpy.int16)
    for event in events:
        frame[event["p"], event["y"], event["x"]] += 1
    return frame


times = st.lists(st.integers(0, 60), min_size=1, max_size=25).map(sorted)


@settings(max_examples=50, deadline=None)
@given(times, st.integers(1, 7), st.sampled_from([0, 0.25, 0.5]))
def test_slices_by_time_hold_the_events_of_their_time(when: list[int], bins: int, overlap: float) -> None:
    events = recording(when)
    slices = to_x_rep.slice_events_by_time_bins(events, bins, overlap)
    window = (when[-1] - when[0]) // bins * (1 + overlap)
    assert len(slices) == bins
    for j, part in enumerate(slices):
        start = when[0] + j * (window * (1 - overlap))
        assert part["t"].tolist() == [t for t in when if start <= t < start + window]


@settings(max_examples=50, deadline=None)
@given(times, st.integers(2, 9), st.integers(0, 1), st.booleans())
def test_slices_by_count_share_what_overlaps(when: list[int], count: int, overlap: int, rest: bool) -> None:
    events = recording(when)
    slices = to_x_rep.slice_events_by_count(events, count, overlap, rest)
    length = min(count, len(when))
    starts = range(0, len(when), count - overlap)
    kept = [start for start in starts if start + length <= len(when)] or [0]
    if rest and kept[-1] + length < len(when):
        kept.append(kept[-1] + count - overlap)
    assert [part.tolist() for part in slices] == [events[start : start + length].tolist() for start in kept]
    sliced, target = to_x_rep.SliceByEventCount(count, overlap, rest).slice(events, "target")
    assert target == "target"
    assert [part.tolist() for part in sliced] == [part.tolist() for part in slices]


def test_every_way_to_cut_makes_frames() -> None:
    events = recording([0, 5, 10, 15, 20, 25, 30, 37])

    def frames(**how: float) -> list[list[int]]:
        made = to_x_rep.to_frame_numpy(events, SENSOR, **how)  # type: ignore[arg-type]
        assert made.dtype == numpy.int16
        cut = [int(frame.sum()) for frame in made]
        start = 0
        if not how.get("overlap"):
            for frame, count in zip(made, cut, strict=True):
                assert (frame == counted(events[start : start + count])).all()
                start += count
        return [cut, list(made.shape[1:])]

    assert frames(time_window=10) == [[2, 2, 2], [2, 3, 4]]
    assert frames(time_window=10, include_incomplete=True)[0] == [2, 2, 2, 2]
    assert frames(time_window=10, overlap=5)[0] == [2, 2, 2, 2, 2, 2]
    assert frames(time_window=100)[0] == [8]
    assert frames(event_count=3)[0] == [3, 3]
    assert frames(n_event_bins=3)[0] == [2, 2, 2]
    assert frames(n_event_bins=2, overlap=0.5)[0] == [6, 5]
    assert frames(n_time_bins=3)[0] == [3, 2, 2]
    with pytest.raises(ValueError, match="expected exactly one"):
        to_x_rep.to_frame_numpy(events, SENSOR)
    with pytest.raises(ValueError, match="time_window=5"):
        to_x_rep.to_frame_numpy(events, SENSOR, time_window=5, overlap=5)
    with pytest.raises(AssertionError, match="'p'"):
        to_x_rep.to_frame_numpy(events[["x", "y", "t"]], SENSOR, event_count=2)
    with pytest.raises(IndexError, match=r"expected \(W, H, P\)"):
        to_x_rep.to_frame_numpy(events, (4, 3), event_count=2)


def test_an_image_counts_all_events() -> None:
    events = recording([1, 2, 2, 9])
    assert (to_x_rep.ToImage(SENSOR)(events) == counted(events)).all()
    assert to_x_rep.ToImage(SENSOR)(events[:0]).sum() == 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=12).map(sorted), st.integers(1, 6))
def test_a_voxel_grid_shares_events_between_two_bins(when: list[int], bins: int) -> None:
    events = recording(when)  # type: ignore[arg-type]
    grid = numpy.zeros((bins + 2, 1, 3, 4))
    for event in events:
        place = bins * (int(event["t"]) - when[0]) / ((when[-1] - when[0]) or 1)
        k, sign = int(place), 1 if event["p"] else -1
        grid[k, 0, event["y"], event["x"]] += sign * (1 - (place - k))
        grid[k + 1, 0, event["y"], event["x"]] += sign * (place - k)
    assert to_x_rep.to_voxel_grid_numpy(events, SENSOR, bins) == pytest.approx(grid[:bins])
    unsigned = events.astype([("x", "i2"), ("y", "i2"), ("t", "u4"), ("p", "?")])
    assert to_x_rep.ToVoxelGrid(SENSOR, bins)(unsigned) == pytest.approx(grid[:bins])


def test_bina_rep_reads_frames_as_bits() -> None:
    frames = numpy.array([[0, 3], [1, 1], [1, 0], [0, 1]], dtype=numpy.int16).reshape(4, 1, 1, 2)
    made = to_x_rep.to_bina_rep_numpy(frames, 2, 2)
    assert made.dtype == numpy.float32
    assert made.reshape(2, 2) * 3 == pytest.approx(numpy.array([[1, 3], [2, 1]]))
    chain = to_x_rep.Compose([lambda x: x, to_x_rep.ToBinaRep(1, 4)])
    assert chain(frames).ravel() * 15 == pytest.approx([6, 13])
    assert repr(chain).endswith("\n    ToBinaRep(n_frames=1, n_bits=4)\n)")
    with pytest.raises(AssertionError, match="n_frames=3"):
        to_x_rep.to_bina_rep_numpy(frames, 3, 2)


def test_transforms_are_values_that_can_be_pickled() -> None:
    for transform in (to_x_rep.ToFrame(SENSOR, n_time_bins=2), to_x_rep.SliceByTimeBins(3, 0.5)):
        assert pickle.loads(pickle.dumps(transform)) == transform
        assert type(transform).__module__ == "unisnn.spikingjelly.datasets.to_x_rep"


def aedat(events: list[tuple[int, int, int, int, int]]) -> bytes:
    words = [word for t, x, y, p, kind in events for word in (kind << 31 | y << 22 | x << 12 | p << 11, t)]
    return b"".join(word.to_bytes(4, "big") for word in words)


def test_aedat_2_is_read_bit_by_bit() -> None:
    body = aedat([(10, 1, 2, 0, 0), (20, 127, 126, 1, 0), (30, 5, 6, 1, 1)])
    file = io.BytesIO(b"#!AER-DAT2.0\r\n# made for a test\r\n" + body)
    t, x, y, p = cifar10_dvs.load_events(file)
    assert [each.tolist() for each in (t, x, y)] == [[10, 20, 30], [1, 127, 5], [2, 126, 6]]
    assert p.tolist() == [False, True, True]
    file.seek(0)
    assert cifar10_dvs.load_events(file, filter_dvs=True)[0].tolist() == [10, 20]
    with pytest.raises(ValueError, match="23 bytes"):
        cifar10_dvs.load_raw_events(io.BytesIO(body), bytes_trim=1)
    assert cifar10_dvs.skip_header(io.BytesIO(b"\xff\xfe\n" + body)) == 0


def test_atis_dat_is_read_bit_by_bit(tmp_path, capsys) -> None:
    events = [(100, 300, 200, 1), (90, 1, 2, 0), (120, 3, 4, 0)]
    words = [word for t, x, y, p in events for word in (t, x | y << 9 | p << 17)]
    path = tmp_path / "a.dat"
    path.write_bytes(b"% a\n% b\n\x00\x08" + b"".join(word.to_bytes(4, "little") for word in words))
    t, pixels, p, removed = nav_gesture.readATIS_tddat(str(path))
    assert (t.tolist(), pixels.tolist(), p.tolist(), removed) == ([0, 20], [[300, 200], [3, 4]], [1, 0], 1)
    assert "2 events" in capsys.readouterr().out
    every = nav_gesture.readATIS_tddat(str(path), orig_at_zero=False, drop_negative_dt=False, verbose=False)
    assert (every[0].tolist(), every[3]) == ([100, 90, 120], -1)
    some = nav_gesture.readATIS_tddat(str(path), False, False, False, [90, 100])
    assert some[0].tolist() == [100, 90]
    path.write_bytes(b"% a\n\x00\x04")
    with pytest.raises(ValueError, match="events of 4 bytes"):
        nav_gesture.readATIS_tddat(str(path))


def test_es_imagenet_sorts_both_polarities(tmp_path) -> None:
    numpy.savez(tmp_path / "a.npz", pos=[[1, 2, 30], [3, 4, 10]], neg=[[5, 6, 20]])
    events = es_imagenet.load_events(str(tmp_path / "a.npz"))
    assert {key: value.tolist() for key, value in events.items()} == {
        "x": [4, 6, 2],
        "y": [3, 5, 1],
        "t": [10, 20, 30],
        "p": [1, 0, 1],
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 2, width=16), min_size=1, max_size=20).map(sorted), st.integers(1, 6))
def test_frames_of_digits_count_every_event_once(when: list[float], count: int) -> None:
    units = numpy.random.RandomState(1).randint(0, 5, len(when))
    events = {"t": numpy.array(when, dtype=numpy.float16), "x": units}
    whole = numpy.bincount(units, minlength=5)
    for how in ("time", "number"):
        frames = shd.integrate_events_by_fixed_frames_number_shd(events, how, count, 5)
        assert frames.shape == (count, 5)
    assert (frames.sum(0) == whole).all()
    assert (shd.integrate_events_by_fixed_duration_shd(events, 0.25, 5).sum(0) == whole).all()


def test_frames_of_digits_go_to_the_folder_of_their_label(tmp_path) -> None:
    times, units = numpy.array([0.1, 0.2, 0.9]), numpy.array([0, 1, 1])
    file = {"spikes": {"times": [times], "units": [units]}, "labels": numpy.array([7])}
    (tmp_path / "7").mkdir()
    assert shd.integrate_events_file_to_frames_file_by_fixed_duration_shd(file, 0, str(tmp_path), 0.5, 2) == 2
    assert datasets.load_npz_frames(str(tmp_path / "7" / "0.npz")).tolist() == [[1, 1], [0, 1]]
    shd.custom_integrate_function_example(file, 0, str(tmp_path), 2)
    assert datasets.load_npz_frames(str(tmp_path / "7" / "0.npz")).sum(0).tolist() == [1, 2]
    with pytest.raises(IndexError, match="W=1"):
        shd.integrate_events_segment_to_frame_shd(units, 1, 0, 3)


def test_stored_frames_keep_their_dtype_in_the_earlier_edition(tmp_path) -> None:
    path = str(tmp_path / "a.npz")
    numpy.savez(path, frames=numpy.zeros(3))
    assert datasets.load_npz_frames(path).dtype == numpy.float32
    with edition.using("spikingjelly", "0.0.0.0.12"):
        assert datasets.load_npz_frames(path).dtype == numpy.float64


@pytest.mark.parametrize("kind", [torch.as_tensor, numpy.asarray])
def test_frames_become_a_gif(kind, tmp_path, capsys) -> None:
    frames = numpy.zeros((3, 2, 4, 5))
    frames[0, 0, 1, 2] = frames[1, 1, 3, 4] = 1
    path = str(tmp_path / "a.gif")
    datasets.play_frame(kind(frames), path)
    assert capsys.readouterr().out == f"Save frames to [{path}].\n"
    with Image.open(path) as gif:
        assert gif.n_frames == 3
        assert gif.info["loop"] == 0
        assert numpy.asarray(gif.convert("RGB"))[1, 2].tolist() == [0, 255, 0]
        gif.seek(1)
        assert numpy.asarray(gif.convert("RGB"))[3, 4].tolist() == [0, 0, 255]


def test_frames_are_shown_once_where_there_is_no_window(monkeypatch) -> None:
    from matplotlib import pyplot

    shown: list[int] = []
    monkeypatch.setattr(
        pyplot, "pause", lambda seconds: shown.append(int(pyplot.gcf().axes[0].images[0].get_array().sum()))
    )
    datasets.play_frame(torch.eye(2).expand(2, 2, 2, 2) * torch.tensor([1.0, 0.0]).view(2, 1, 1, 1))
    assert shown == [4 * 255, 0]
    pyplot.close("all")
    with pytest.raises(ValueError, match=r"x of shape \(2, 2\)"):
        datasets.play_frame(torch.eye(2))
