"""Cases of SpikingJelly's ``datasets``: events in slices, frames, grids, pictures, and files of events."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import datasets

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_EARLIER = "spikingjelly==0.0.0.0.12"
_SENSOR = {"$tuple": [3, 2, 2]}
_TIMES: dict[str, tuple[float, ...]] = {
    "dense": (9, 21, 36, 44, 47, 64, 67, 67, 70, 83, 87, 88, 88),
    "sparse": (0, 1, 2, 50, 97, 98, 100),
    "two": (3, 11),
    "real": (0.5, 1.0, 1.25, 2.0, 3.7),
}
_SLICERS = ("SliceByTimeBins", "SliceByEventCount")


def _values(values: Any, dtype: str = "int64") -> dict[str, Any]:
    return {"kind": "values", "values": list(values), "shape": [len(values)], "dtype": dtype}


def _fields(name: str, p: str = "int8", without: str = "") -> dict[str, Any]:
    times, real = _TIMES[name], name == "real"
    count = range(len(times))
    fields = {
        "x": _values([(5 * i + 1) % 3 for i in count], "int16"),
        "y": _values([i // 2 % 2 for i in count], "int16"),
        "t": _values(times, "float64" if real else "int64"),
        "p": _values([(i * i + i) // 2 % 2 for i in count], p),
    }
    return {key: recipe for key, recipe in fields.items() if key != without}


def _events(name: str, p: str = "int8", without: str = "") -> dict[str, Any]:
    return {"structured": _fields(name, p, without)}


def _none() -> dict[str, Any]:
    return {"structured": {key: _values([], "int16") for key in "xytp"}}


def _case(symbol: str, what: str, *arguments: Any, protocol: str = "datasets", **more: Any) -> Case:
    kwargs, args = more.pop("kwargs", {}), more.pop("args", ())
    return Case(
        id=f"{_EDITION}/datasets/{symbol}/{what}/int64",
        edition=_EDITION,
        family="datasets",
        symbol=f"datasets.{symbol}",
        protocol=protocol,
        args=args,
        kwargs=kwargs,
        calls={"arguments": list(arguments), **more},
    )


def _slices() -> Iterator[Case]:
    module = "to_x_rep"
    for name, count, overlap in itertools.product(("dense", "real"), (1, 3, 13), (0.0, 0.1, 0.5, 0.9, 1.0)):
        yield _case(
            f"{module}.slice_events_by_time_bins",
            f"{name}/{count}/{overlap:g}",
            _events(name),
            count,
            overlap,
        )
    for count, overlap, rest in itertools.product((1, 4, 5, 13, 20), (0, 1, 3, -1), (False, True)):
        what = f"{count}/{overlap}/{rest}"
        yield _case(f"{module}.slice_events_by_count", what, _events("dense"), count, overlap, rest)
    for name in ("slice_events_by_time_bins", "slice_events_by_count"):
        yield _case(f"{module}.{name}", "none", _none(), 2)
    settings = {"SliceByTimeBins": ((3,), (2, 0.5)), "SliceByEventCount": ((5,), (5, 1), (4, 0, True))}
    for slicer, each in [(name, each) for name in _SLICERS for each in settings[name]]:
        more: dict[str, Any] = {"protocol": "datasets transform", "method": "slice", "args": each}
        yield _case(f"{module}.{slicer}", ",".join(map(str, each)), _events("dense"), **more)


def _frames() -> Iterator[Case]:
    name, sensor = "to_x_rep.to_frame_numpy", [3, 2, 2]
    ways: list[dict[str, Any]] = [
        {"event_count": 4},
        {"event_count": 4, "overlap": 1},
        {"event_count": 4, "include_incomplete": True},
        {"event_count": 20},
        {"n_time_bins": 3},
        {"n_time_bins": 3, "overlap": 0.5},
    ]
    lacking: list[dict[str, Any]] = [{"time_window": 20}, {"n_event_bins": 3}]
    for way, events in itertools.product([*ways, *lacking], ("dense", "sparse", "real")):
        what = ",".join(f"{key}={value}" for key, value in way.items())
        yield _case(name, f"{what}/{events}", _events(events), sensor, kwargs=way)
    for p, size in itertools.product(("int8", "uint8", "bool"), (None, [3, 2, 1], [3, 2, 3])):
        yield _case(name, f"{p}/{size}", _events("dense", p), size, kwargs={"n_time_bins": 2})
    for missing in "xytp":
        yield _case(name, f"without/{missing}", _events("dense", without=missing), None, kwargs=ways[0])
    for what, size in (("narrow", [2, 2, 2]), ("flat", [3, 2])):
        yield _case(name, what, _events("dense"), size, kwargs=ways[0])
    yield _case(name, "no-way", _events("dense"), sensor)
    yield _case(name, "two-ways", _events("dense"), sensor, kwargs={"event_count": 2, "n_time_bins": 2})
    more: dict[str, Any] = {"protocol": "datasets transform"}
    made: tuple[dict[str, float], ...] = ({}, {"overlap": 0.25})
    for each in made:
        kwargs = {"sensor_size": _SENSOR, "n_time_bins": 3, **each}
        yield _case("to_x_rep.ToFrame", str(len(each)), _events("dense"), kwargs=kwargs, **more)
    for what, events in (("dense", _events("dense")), ("one", _events("two")), ("none", _none())):
        yield _case("to_x_rep.ToImage", what, events, args=(_SENSOR,), **more)
    composed = [
        {"$new": "datasets.to_x_rep.ToFrame", "args": [_SENSOR], "kwargs": {"n_time_bins": 2}},
        {"$new": "datasets.to_x_rep.ToFrame", "args": [None], "kwargs": {"event_count": 3}},
    ]
    yield _case("to_x_rep.Compose", "one", _events("dense"), args=(composed[:1],), **more)
    yield _case("to_x_rep.Compose", "none", _events("dense"), args=([],), **more)


def _grids() -> Iterator[Case]:
    name, sensor = "to_x_rep.to_voxel_grid_numpy", [3, 2, 2]
    for events, bins in itertools.product(("dense", "sparse", "real", "two"), (1, 3, 10)):
        yield _case(name, f"{events}/{bins}", _events(events), sensor, bins)
    for p in ("uint8", "bool", "int64"):
        yield _case(name, f"p={p}", _events("sparse", p), sensor, 4)
    signed = {**_fields("two"), "p": _values([-1, 3], "int8")}
    yield _case(name, "signed", {"structured": signed}, sensor, 4)
    together = {**_fields("two"), "t": _values([5, 5])}
    yield _case(name, "together", {"structured": together}, sensor, 2)
    for what, size, recording in (
        ("polarities", [3, 2, 1], _events("dense")),
        ("flat", [3, 2], _events("dense")),
        ("none", sensor, _none()),
        ("without", sensor, _events("dense", without="y")),
    ):
        yield _case(name, f"refused/{what}", recording, size, 2)
    more: dict[str, Any] = {"protocol": "datasets transform"}
    yield _case("to_x_rep.ToVoxelGrid", "3", _events("dense"), args=(_SENSOR, 3), **more)
    for dtype, bits in itertools.product(("int16", "int64", "float32", "float64", "bool"), (1, 4, 8)):
        frames = {"kind": "binary", "seed": bits, "shape": [bits, 2, 2, 3], "p": 0.5, "dtype": dtype}
        yield _case("to_x_rep.bina_rep", f"{bits}/{dtype}", {"array": frames})
    counts = {
        "kind": "steps",
        "seed": 1,
        "shape": [8, 2, 2, 3],
        "low": 0,
        "high": 3,
        "step": 1,
        "dtype": "int16",
    }
    for groups, bits in ((1, 8), (2, 4), (0, 8)):
        yield _case("to_x_rep.to_bina_rep_numpy", f"{groups}x{bits}", {"array": counts}, groups, bits)
    yield _case("to_x_rep.ToBinaRep", "2x4", {"array": counts}, args=(2, 4), **more)


def _addresses() -> str:
    words = (0x1234, 10, 0x80001000, 20, 0x00C01800, 30, 0x7FFFFFFF, 40, 0x400, 5)
    return b"".join(word.to_bytes(4, "big") for word in words).hex()


def _recordings() -> Iterator[Case]:
    module, raw = "cifar10_dvs", _addresses()
    for mask, shift in itertools.product((None, 0xFF0, 0), (None, 0, 4)):
        words = {"array": _values([0, 1, 0x12345678, 0xFFFFFFFF])}
        yield _case(f"{module}.read_bits", f"{mask}/{shift}", words, mask, shift)
    headers = {
        "none": b"",
        "lines": b"#!AER-DAT2.0\r\n# a\r\n",
        "spaces": b"\t# a\n #b\n\n#c\n",
        "no-end": b"#a",
        "bytes": b"xyz\n#",
        "binary": b"\xff\xfe\x00\x00\n\x00\x00\x01",
    }
    for what, header in headers.items():
        yield _case(f"{module}.skip_header", what, {"bytes": header.hex()})
        for kept in (False, True):
            file = {"bytes": header.hex() + raw}
            yield _case(f"{module}.load_events", f"{what}/{kept}", file, kept, numpy="fromstring")
    yield _case(f"{module}.load_events", "today", {"bytes": raw})
    yield _case(f"{module}.load_raw_events", "today", {"bytes": raw})
    masks = {"x_mask": 15, "x_shift": 0, "polarity_mask": 1, "polarity_shift": 0}
    yield _case(f"{module}.load_events", "masks", {"bytes": raw}, kwargs=masks, numpy="fromstring")
    yield _case(f"{module}.load_events", "unknown", {"bytes": raw}, kwargs={"z": 1}, numpy="fromstring")
    for given in (
        {},
        {"bytes_skip": 8},
        {"bytes_trim": 8},
        {"times_first": True},
        {"filter_dvs": True},
        {"bytes_skip": 3},
    ):
        what = ",".join(f"{key}={value}" for key, value in given.items()) or "default"
        yield _case(f"{module}.load_raw_events", what, {"bytes": raw}, kwargs=given, numpy="fromstring")
    yield _case(f"{module}.load_raw_events", "cut", {"bytes": raw[:24]}, numpy="fromstring")
    words = {"array": _values([0x1234, 0x80001000, 0x00C01800, 0x7FFFFFFF])}
    yield _case(f"{module}.parse_raw_address", "default", words)
    yield _case(f"{module}.parse_raw_address", "masks", words, kwargs=masks)
    stored = {
        side: {"kind": "normal", "seed": seed, "shape": [count, 3], "dtype": dtype}
        for seed, (side, count, dtype) in enumerate((("pos", 9, "float64"), ("neg", 7, "float32")))
    }
    more: dict[str, Any] = {"protocol": "datasets file"}
    yield _case("es_imagenet.load_events", "both", "in.npz", npz=stored, **more)
    yield _case("es_imagenet.load_events", "lacks", "in.npz", npz={"pos": stored["pos"]}, **more)
    yield from _atis(more)


def _atis(more: dict[str, Any]) -> Iterator[Case]:
    for length in (1, 3, 9):
        yield _case("nav_gesture.peek", f"{length}", {"bytes": b"abcdef".hex()}, length)
    name = "nav_gesture.readATIS_tddat"
    rising, early = (100, 110, 110, 125, 2**31 + 5), (100, 120, 110, 130, 5000)
    for what, times, head in (
        ("rising", rising, b"% a\n% b\n\x00\x08"),
        ("rising-plain", rising, b""),
        ("early", early, b"% a\n\x00\x08"),
        ("size", rising, b"% a\n\x00\x10"),
        ("none", (), b"% a\n\x00\x08"),
    ):
        words = [word for i, t in enumerate(times) for word in (t, (300 - i) | (2 * i) << 9 | i % 2 << 17)]
        text = (head + b"".join(word.to_bytes(4, "little") for word in words)).hex()
        for zero, drop in itertools.product((True, False), repeat=2):
            if not times and (zero, drop) != (True, True):
                continue
            yield _case(name, f"{what}/{zero}/{drop}", "in", zero, drop, False, bytes=text, **more)
        if what == "rising":
            yield _case(name, f"{what}/told", "in", bytes=text, **more)
            yield _case(name, f"{what}/limits", "in", False, True, False, [110, 125], bytes=text, **more)


def _digits() -> Iterator[Case]:
    module, count = "shd", 40
    units = {"kind": "steps", "seed": 3, "shape": [count], "low": 0, "high": 4, "step": 1, "dtype": "int64"}
    for dtype in ("float16", "float32", "float64"):
        times = {"kind": "line", "low": 0.03, "high": 1.1, "count": count, "dtype": dtype}
        for how, frames in itertools.product(("time", "number"), (1, 3, 7)):
            index = f"{module}.cal_fixed_frames_number_segment_index_shd"
            yield _case(index, f"{how}/{frames}/{dtype}", {"array": times}, how, frames)
            whole = f"{module}.integrate_events_by_fixed_frames_number_shd"
            recording = {"events": {"t": times, "x": units}}
            yield _case(whole, f"{how}/{frames}/{dtype}", recording, how, frames, 5)
        for duration in (0.05, 0.25, 1, 5):
            name = f"{module}.integrate_events_by_fixed_duration_shd"
            yield _case(name, f"{duration:g}/{dtype}", recording, duration, 5)
    index = f"{module}.cal_fixed_frames_number_segment_index_shd"
    gap = {"array": _values([0.1, 0.2, 0.9, 1.0], "float64")}
    for what, how, frames in (("gap", "time", 4), ("zero", "number", 0), ("colour", "colour", 2)):
        yield _case(index, what, gap, how, frames)
    yield _case(index, "none", {"array": _values([], "float64")}, "time", 2)
    segment = f"{module}.integrate_events_segment_to_frame_shd"
    for dtype, ends in itertools.product(("int64", "uint8", "float32"), ((), (2, 7), (5, 5))):
        typed = {"array": {**units, "dtype": dtype}}
        yield _case(segment, f"{dtype}/{','.join(map(str, ends)) or 'default'}", typed, 5, *ends)
    yield _case(segment, "narrow", {"array": units}, 3)
    yield _case(segment, "negative", {"array": _values([0, -1, 2])}, 3)
    recordings = {"h5": {"t": [times, times], "x": [units, {**units, "seed": 8}]}}
    prefix = f"{module}.integrate_events_file_to_frames_file_by_fixed"
    more: dict[str, Any] = {"protocol": "datasets file", "folders": ["made/4", "made/5"]}
    for said, i in itertools.product((False, True), (0, 1)):
        what, given = f"{said}/{i}", (recordings, i, "made")
        yield _case(f"{prefix}_frames_number_shd", what, *given, "number", 3, 5, said, **more)
        yield _case(f"{prefix}_duration_shd", what, *given, 0.3, 5, said, **more)
        if not said:
            yield _case(f"{module}.custom_integrate_function_example", what, *given, 5, **more)


def _play() -> Iterator[Case]:
    for kind, dtype, count in itertools.product(("tensor", "array"), ("float32", "float64"), (1, 3)):
        frames = {
            "kind": "uniform",
            "seed": 1,
            "shape": [count, 2, 4, 5],
            "low": 0,
            "high": 1,
            "dtype": dtype,
        }
        yield _case("play_frame", f"{kind}/{dtype}/{count}", {kind: frames}, protocol="datasets play")
    binary = {"kind": "binary", "seed": 1, "shape": [3, 2, 4, 5], "p": 0.3, "dtype": "int64"}
    yield _case("play_frame", "spikes", {"tensor": binary}, protocol="datasets play")


def _folders() -> Iterator[Case]:
    files = [f"{folder}/{number}.bin" for folder in ("a", "b", "b/c") for number in range(5)]
    more: dict[str, Any] = {"protocol": "datasets folders", "files": files}
    yield _case("create_same_directory_structure", "three", folders=["."], **more)
    yield _case("create_same_directory_structure", "there", folders=["a", "b"], **more)
    for ratio, linked, randomly in itertools.product((0.1, 0.5, 1.0), (True, False), (False, True)):
        what = f"{ratio:g}/{linked}/{randomly}"
        yield _case("create_sub_dataset", what, ratio, linked, randomly, **more)
    yield _case("create_sub_dataset", "there", 0.5, folders=["a", "b"], **more)
    yield _case("create_sub_dataset", "ratio", 1.5, **more)


def _of_the_earlier_edition(made: Iterator[Case]) -> Iterator[Case]:
    """Yield the cases whose symbols 0.0.0.0.12 has too, for that edition."""
    for case in made:
        if not case.symbol.startswith(("datasets.to_x_rep.", "datasets.shd.")):
            yield case.with_(id=case.id.replace(_EDITION, _EARLIER), edition=_EARLIER)


def cases() -> Iterator[Case]:
    """Yield the cases of representations, files and pictures of events; for 0.0.0.0.12 of all its names."""
    for group in (_slices, _frames, _grids, _recordings, _digits, _play, _folders):
        yield from group()
    for group in (datasets.cases, _recordings, _play, _folders):
        yield from _of_the_earlier_edition(group())
