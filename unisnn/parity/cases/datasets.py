"""Cases of SpikingJelly's datasets: frames, splits, batches, files; numpy's random numbers included."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case

__all__ = ["cases"]

_EDITION = "spikingjelly==0.0.0.0.14"
_DENSE = (9, 21, 36, 44, 47, 64, 67, 67, 70, 83, 87, 88, 88)
_TIMES: dict[str, tuple[float, ...]] = {
    "dense": _DENSE,
    "sparse": (0, 1, 2, 50, 97, 98, 100),
    "regular": tuple(range(0, 260, 20)),
    "one": (5,),
    "unordered": (0, 40, 100, 70, 90, 99),
    "silent": (),
}


def _values(values: Any, dtype: str) -> dict[str, Any]:
    return {"kind": "values", "values": list(values), "shape": [len(values)], "dtype": dtype}


def _events(name: str, dtype: str = "int64") -> dict[str, Any]:
    count = len(_TIMES[name])
    return {
        "t": _values(_TIMES[name], dtype),
        "x": _values([(5 * i + 1) % 3 for i in range(count)], dtype),
        "y": _values([i // 2 % 2 for i in range(count)], dtype),
        "p": _values([(i * i + i) // 2 % 2 for i in range(count)], dtype),
    }


def _case(symbol: str, what: str, *arguments: Any, protocol: str = "datasets", **more: Any) -> Case:
    kwargs = more.pop("kwargs", {})
    return Case(
        id=f"{_EDITION}/datasets/{symbol}/{what}/float64",
        edition=_EDITION,
        family="datasets",
        symbol=f"datasets.{symbol}",
        protocol=protocol,
        kwargs=kwargs,
        calls={"arguments": list(arguments), **more},
    )


def _frames() -> Iterator[Case]:
    segment = "integrate_events_segment_to_frame"
    for dtype, ends in itertools.product(
        ("int64", "uint8", "float64"), ((), (2, 7), (0, 13), (5, 5), (-4, 12))
    ):
        pixels = [{"array": _events("dense", dtype)[key]} for key in "xyp"]
        yield _case(segment, f"{dtype}/{','.join(map(str, ends)) or 'default'}", *pixels, 2, 3, *ends)
    for what, x, y in (("beyond", [1, 0], [0, 2]), ("wraps", [4, 0], [0, 1]), ("negative", [0, -4], [0, 0])):
        pixels = [{"array": _values(each, "int64")} for each in (x, y, [1, 1])]
        yield _case(segment, what, *pixels, 2, 3, 0, 2)
    polarity = {"array": _values([-1, 0, 2, 1], "int64")}
    pixels = [{"array": _values([0, 1, 2, 0], "int64")}, {"array": _values([0, 0, 1, 1], "int64")}]
    yield _case(segment, "polarities", *pixels, polarity, 2, 3, 0, 4)
    index, whole = "cal_fixed_frames_number_segment_index", "integrate_events_by_fixed_frames_number"
    for name, how, count in itertools.product(_TIMES, ("time", "number"), (1, 3, 13)):
        yield _case(index, f"{name}/{how}/{count}", {"array": _events(name)["t"]}, how, count)
    for how, count in (("number", 0), ("colour", 2)):
        yield _case(index, f"refused/{how}/{count}", {"array": _events("dense")["t"]}, how, count)
    yield _case(index, "float/time", {"array": _values([0, 0.5, 1.75, 2.25, 3.5], "float64")}, "time", 3)
    for name, how, count in itertools.product(("dense", "regular", "sparse"), ("time", "number"), (1, 4)):
        yield _case(whole, f"{name}/{how}/{count}", {"events": _events(name)}, how, count, 2, 3)
    duration = "integrate_events_by_fixed_duration"
    for name, length in itertools.product(
        ("dense", "sparse", "one", "unordered", "silent"), (0, 1, 10, 9.5, 1000)
    ):
        yield _case(duration, f"{name}/{length:g}", {"events": _events(name)}, length, 2, 3)
    yield _case(duration, "uint8/20", {"events": _events("dense", "uint8")}, 20, 2, 3)
    yield _case(duration, "float64/9.5", {"events": _events("dense", "float64")}, 9.5, 2, 3)


def _batches() -> Iterator[Case]:
    labels = [0, 1, 2, 0, 0, 1, 2, 2, 1, 0, 1]
    split = "split_to_train_test_set"
    for ratio, shuffled in itertools.product((0.0, 0.1, 0.5, 0.7, 1.0), (False, True)):
        yield _case(split, f"{ratio:g}/{shuffled}", ratio, {"labels": labels}, 3, shuffled)
    yield _case(split, "tensors", 0.5, {"label_tensors": labels}, 3)
    yield _case(split, "more-classes", 0.5, {"labels": labels}, 5, True)
    yield _case(split, "fewer-classes", 0.5, {"labels": labels}, 2)
    yield _case(split, "empty", 0.5, {"labels": []}, 2, True)
    yield _case(split, "float-labels", 0.5, {"labels": [0.0, 1.0]}, 2)
    for ratio in (-0.5, 1.5):
        yield _case(split, f"ratio={ratio:g}", ratio, {"labels": labels}, 3)
    for kind, dtype in itertools.product(("samples", "arrays"), ("float32", "float64", "uint8")):
        steps = [
            {"kind": "steps", "seed": n, "shape": [n, 2], "low": 0, "high": 9, "step": 1} for n in (3, 1, 5)
        ]
        samples = [[{**each, "dtype": dtype}, label] for label, each in enumerate(steps)]
        yield _case("pad_sequence_collate", f"{kind}/{dtype}", {kind: samples})
    yield _case("pad_sequence_collate", "float-labels", {"samples": [[steps[0], 0.5], [steps[1], 2.0]]})
    yield _case("pad_sequence_collate", "one", {"samples": [[steps[2], 3]]})
    yield _case("pad_sequence_collate", "empty", {"samples": []})
    for what, lengths, dtype in (
        ("some", [2, 3, 4], "int64"),
        ("none", [0, 0], "int64"),
        ("int32", [1, 5], "int32"),
    ):
        yield _case("padded_sequence_mask", what, {"tensor": _values(lengths, dtype)})
    for steps_ in (3, 6):
        yield _case("padded_sequence_mask", f"T={steps_}", {"tensor": _values([2, 3, 4], "int64")}, steps_)
    yield _case("padded_sequence_mask", "float", {"tensor": _values([2, 3], "float32")})
    yield _case("padded_sequence_mask", "empty", {"tensor": _values([], "int64")})
    x = {"kind": "varied", "shape": [8, 8, 3]}
    for kind, first, kept in itertools.product(("tensor", "array"), (False, True), (0, 1, 5, 8, 9)):
        yield _case("random_temporal_delete", f"{kind}/{first}/{kept}", {kind: x}, kept, first)
    for first in (False, True):
        made = _case("RandomTemporalDelete", f"{first}", protocol="datasets module")
        yield made.with_(args=(3, first), inputs={"x": x})


def _files() -> Iterator[Case]:
    recording, prefix = _events("dense"), "integrate_events_file_to_frames_file_by_fixed"
    for said in (False, True):
        more: dict[str, Any] = {"protocol": "datasets file", "npz": recording}
        given = ({"module": True}, "in.npz", "made")
        yield _case(f"{prefix}_frames_number", f"{said}", *given, "number", 3, 2, 3, said, **more)
        yield _case(f"{prefix}_duration", f"{said}", *given, 30, 2, 3, said, **more)
    stored = {"frames": {"kind": "varied", "shape": [2, 2, 3, 3], "dtype": "float64"}}
    yield _case("load_npz_frames", "float64", "in.npz", protocol="datasets file", npz=stored)
    frames = {"array": stored["frames"]}
    yield _case("save_frames_to_npz_and_print", "float64", "made/a.npz", frames, protocol="datasets file")
    for what, text in (("three", "010283040507087fffff0901000000"), ("none", ""), ("cut", "01028304050708")):
        yield _case("load_ATIS_bin", what, "in", protocol="datasets file", bytes=text)
    lines = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n".hex()
    packets = (
        _packet([(10, 1, 2, 0), (20, 3, 4, 1)]),
        _packet([(5, 5, 5, 1)], 2),
        _packet([(30, 127, 126, 1)]),
    )
    for what, text in (("three", lines + "".join(packets)), ("one", lines + packets[0]), ("none", lines)):
        yield _case("load_aedat_v3", what, "in", protocol="datasets file", bytes=text)


def _packet(events: list[tuple[int, int, int, int]], kind: int = 1) -> str:
    """Return an AEDAT 3.1 packet as hexadecimal text."""
    count = len(events)
    head = (kind).to_bytes(2, "little") + (1).to_bytes(2, "little")
    head += b"".join(word.to_bytes(4, "little") for word in (8, 4, 0, count, count, count))
    words = [word for t, x, y, p in events for word in (x << 17 | y << 2 | p << 1 | 1, t)]
    return (head + b"".join(word.to_bytes(4, "little") for word in words)).hex()


def cases() -> Iterator[Case]:
    """Yield the cases of 0.0.0.0.14's ``datasets``."""
    yield from _frames()
    yield from _batches()
    yield from _files()
