"""Recordings and frames in files: npz archives, the ATIS and AEDAT 3.1 formats, and folders of samples."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy

from unisnn.core import edition as _edition
from unisnn.spikingjelly import configure as _configure
from unisnn.spikingjelly.datasets import _frames

__all__ = [
    "create_same_directory_structure",
    "create_sub_dataset",
    "integrate_events_file_to_frames_file_by_fixed_duration",
    "integrate_events_file_to_frames_file_by_fixed_frames_number",
    "load_ATIS_bin",
    "load_aedat_v3",
    "load_npz_frames",
    "save_frames",
    "save_frames_to_npz_and_print",
]

_Array = numpy.ndarray[Any, Any]
_HEADER = 28  # bytes before the events of an AEDAT 3.1 packet
_POLARITY = 1  # type of the packets that hold pixels' events


def load_npz_frames(file_name: str) -> _Array:
    """Return the frames of an npz archive as float32; as they are stored where 0.0.0.0.12 is selected.

    Equation::

        frames = archive['frames'], rounded to float32

    Args:
        file_name: path of the archive.

    Shape: as stored, ``[T, 2, H, W]``.

    Raises:
        KeyError: the archive holds no ``frames``.

    Source: ``datasets.load_npz_frames``, SpikingJelly 0.0.0.0.14.
    """
    with numpy.load(file_name, allow_pickle=False) as archive:
        frames = archive["frames"]
    return frames if _edition.current("spikingjelly") == "0.0.0.0.12" else frames.astype(numpy.float32)


def save_frames_to_npz_and_print(fname: str, frames: _Array) -> None:
    """Write ``frames`` to an npz archive and print its path.

    Equation::

        archive['frames'] = frames

    Compressed where ``configure.save_datasets_compressed`` is true.

    Args:
        fname: path of the archive.
        frames: any array.

    Source: ``datasets.save_frames_to_npz_and_print``, SpikingJelly 0.0.0.0.14.
    """
    save_frames(fname, frames, print_save=True)


def save_frames(fname: str, frames: _Array, print_save: bool) -> None:
    """Write ``frames`` to an npz archive, compressed where that is set, and print its path if asked to."""
    save = numpy.savez_compressed if _configure.save_datasets_compressed else numpy.savez
    save(fname, frames=frames)
    if print_save:
        print(f"Frames [{fname}] saved.")


def integrate_events_file_to_frames_file_by_fixed_frames_number(
    loader: Callable[[str], Mapping[str, _Array]],
    events_np_file: str,
    output_dir: str,
    split_by: str,
    frames_num: int,
    H: int,
    W: int,
    print_save: bool = False,
) -> None:
    """Read a recording and write its frames to a file of the same name in ``output_dir``.

    Equation::

        archive['frames'] = integrate_events_by_fixed_frames_number(loader(file), split_by, frames_num, H, W)

    Args:
        loader: returns the events of a file.
        events_np_file: path of the recording.
        output_dir: folder of the frames; it must exist.
        split_by, frames_num, H, W: as for ``integrate_events_by_fixed_frames_number``.
        print_save: whether the written path is printed (default False).

    Source: the same name in ``datasets``, SpikingJelly 0.0.0.0.14.
    """
    frames = _frames.integrate_events_by_fixed_frames_number(
        loader(events_np_file), split_by, frames_num, H, W
    )
    save_frames(os.path.join(output_dir, os.path.basename(events_np_file)), frames, print_save)


def integrate_events_file_to_frames_file_by_fixed_duration(
    loader: Callable[[str], Mapping[str, _Array]],
    events_np_file: str,
    output_dir: str,
    duration: int,
    H: int,
    W: int,
    print_save: bool = False,
) -> int:
    """Read a recording, write its frames of a fixed duration, and return how many there are.

    Equation::

        archive['frames'] = integrate_events_by_fixed_duration(loader(file), duration, H, W)

    The file is called ``NAME_T.npz``, ``T`` the number of frames.

    Args:
        loader: returns the events of a file.
        events_np_file: path of the recording, ``NAME.npz``.
        output_dir: folder of the frames; it must exist.
        duration, H, W: as for ``integrate_events_by_fixed_duration``.
        print_save: whether the written path is printed (default False).

    Source: the same name in ``datasets``, SpikingJelly 0.0.0.0.14.
    """
    frames = _frames.integrate_events_by_fixed_duration(loader(events_np_file), duration, H, W)
    stem, _ = os.path.splitext(os.path.basename(events_np_file))
    save_frames(os.path.join(output_dir, f"{stem}_{frames.shape[0]}.npz"), frames, print_save)
    return int(frames.shape[0])


def load_ATIS_bin(file_name: str) -> dict[str, _Array]:
    """Read a recording of an ATIS camera (N-MNIST, N-Caltech101): five bytes an event.

    Equation::

        b[0] = x;  b[1] = y;  p = b[2] >> 7;  t = (b[2] & 127)*2**16 + b[3]*2**8 + b[4]

    Args:
        file_name: path of the file.

    Shape: four arrays ``[N]``, uint32, under ``'t'``, ``'x'``, ``'y'``, ``'p'``; ``t`` in microseconds.

    Raises:
        ValueError: the file ends within an event.

    Source: ``datasets.load_ATIS_bin``, SpikingJelly 0.0.0.0.14.
    """
    raw = numpy.fromfile(file_name, dtype=numpy.uint8)
    if raw.size % 5:
        raise ValueError(
            f"load_ATIS_bin: file_name={file_name!r} holds {raw.size} bytes; expected a multiple of 5"
        )
    b = raw.reshape(-1, 5).astype(numpy.uint32).T
    return {"t": ((b[2] & 127) << 16) | (b[3] << 8) | b[4], "x": b[0], "y": b[1], "p": b[2] >> 7}


def load_aedat_v3(file_name: str) -> dict[str, _Array]:
    """Read the polarity events of an AEDAT 3.1 recording (DVS128 Gesture).

    Equation (``w`` is the first of an event's two 32-bit words, ``t`` the second)::

        x = (w >> 17) & 0x7fff;  y = (w >> 2) & 0x7fff;  p = (w >> 1) & 1

    The text lines at the top and packets of other events are left out.

    Args:
        file_name: path of the file.

    Shape: four arrays ``[N]``, int64, under ``'t'``, ``'x'``, ``'y'``, ``'p'``; ``t`` in microseconds.

    Raises:
        ValueError: the file ends within a packet, or an event has less than 8 bytes.

    Source: ``datasets.load_aedat_v3``, SpikingJelly 0.0.0.0.14; the AEDAT 3.1 file format of iniVation.
    """
    raw = Path(file_name).read_bytes()
    start = 0
    while raw[start : start + 1] == b"#":
        end = raw.find(b"\n", start)
        start = len(raw) if end < 0 else end + 1
    packets = [numpy.zeros((0, 2), dtype="<u4")]
    while start < len(raw):
        kind, size, count = _packet(raw, start, file_name)
        start += _HEADER
        body = numpy.frombuffer(raw, dtype="<u4", count=count * size // 4, offset=start)
        if kind == _POLARITY:
            packets.append(body.reshape(count, size // 4)[:, :2])
        start += count * size
    word, t = numpy.concatenate(packets).astype(numpy.int64).T
    return {"t": t, "x": (word >> 17) & 0x7FFF, "y": (word >> 2) & 0x7FFF, "p": (word >> 1) & 1}


def _packet(raw: bytes, start: int, file_name: str) -> tuple[int, int, int]:
    """Return the type, the bytes an event and the number of events of the packet at ``start``."""
    header = raw[start : start + _HEADER]
    kind, size = int.from_bytes(header[:2], "little"), int.from_bytes(header[4:8], "little")
    count = int.from_bytes(header[20:24], "little")
    if len(header) < _HEADER or start + _HEADER + size * count > len(raw):
        raise ValueError(f"load_aedat_v3: file_name={file_name!r} ends within the packet at byte {start}")
    if size < 8 or size % 4:
        raise ValueError(
            f"load_aedat_v3: file_name={file_name!r} has events of {size} bytes at byte {start}; "
            "expected a multiple of 4 from 8 on"
        )
    return kind, size, count


def create_same_directory_structure(source_dir: str, target_dir: str) -> None:
    """Make the folders below ``source_dir`` below ``target_dir`` too, and print their paths.

    Equation::

        target_dir/a/b is a folder             where source_dir/a/b is one

    Args:
        source_dir: the folder to look at.
        target_dir: a folder that exists and lacks those of ``source_dir``.

    Raises:
        FileExistsError: a folder is there already.

    Source: ``datasets.create_same_directory_structure``, SpikingJelly 0.0.0.0.14.
    """
    for name in sorted(os.listdir(source_dir)):
        source, target = os.path.join(source_dir, name), os.path.join(target_dir, name)
        if os.path.isdir(source):
            os.mkdir(target)
            print(f"Mkdir [{target}].")
            create_same_directory_structure(source, target)


def create_sub_dataset(
    source_dir: str, target_dir: str, ratio: float, use_soft_link: bool = True, randomly: bool = False
) -> None:
    """Copy a part of every folder of samples, with the same folders, and print what was done.

    Equation (``n`` files in a folder, sorted by name, or shuffled)::

        files 0...k-1,  k = int(n*ratio)

    Upstream takes the files in the order in which the file system lists them, and links to the path
    as given; here a link leads to the absolute path.

    Args:
        source_dir: folder of the whole dataset.
        target_dir: folder of the part; made where it is missing.
        ratio: from 0 to 1.
        use_soft_link: whether to link instead of copying (default True).
        randomly: whether the files are shuffled first, with ``numpy.random`` (default False).

    Raises:
        ValueError: ``ratio`` is not from 0 to 1.
        FileExistsError: a folder of the part is there already.

    Source: ``datasets.create_sub_dataset``, SpikingJelly 0.0.0.0.14.
    """
    if not 0 <= ratio <= 1:
        raise ValueError(f"create_sub_dataset: ratio={ratio!r} is not accepted; expected 0 <= ratio <= 1")
    if not os.path.exists(target_dir):
        os.mkdir(target_dir)
        print(f"Mkdir [{target_dir}].")
    create_same_directory_structure(source_dir, target_dir)
    put: Callable[[str, str], object] = os.symlink if use_soft_link else shutil.copyfile
    for folder, _, names in os.walk(source_dir):
        if not names:
            continue
        names.sort()
        if randomly:
            numpy.random.shuffle(names)
        target = os.path.normpath(os.path.join(target_dir, os.path.relpath(folder, source_dir)))
        chosen = names[: int(len(names) * ratio)]
        for name in chosen:
            put(os.path.abspath(os.path.join(folder, name)), os.path.join(target, name))
        print(f"[{len(chosen)}] files in [{folder}] have been copied to [{target}].")
        if not chosen:
            print(f"Warning: the samples number is 0 in [{target}].")
