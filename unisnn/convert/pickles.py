"""Whole models out of old files: ``torch.save(model)`` of an upstream library, through an allow-list.

::

    load(file)      =  torch.load(file, weights_only=True)   while the names that the file asks for stand for
    spikingjelly.*, braincog.*, snngrow.*, qualia_plugin_snn.*   the class of that name under unisnn
    torch.nn.modules.*                                           torch's class
    anything else                                                what the caller allows, else a refusal

Such a file names classes, which a pickle may construct and give attributes to. Here only subclasses of
``torch.nn.Module`` can be named, and a refused file is refused before anything is constructed; the open
unpickler (``weights_only=False``) is never used. Values are upstream's: parameters, buffers, memories and
attributes arrive as they were written.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import pickle
import pickletools
import sys
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

import torch
from torch import nn

from unisnn.core import edition as _edition
from unisnn.core.absent import Absent

__all__ = ["RefusedError", "allow_list", "load", "names"]

_FUNCTIONS: dict[str, Any] = {
    "torch.nn.functional.relu": nn.functional.relu,
    "torch.nn.functional.leaky_relu": nn.functional.leaky_relu,
    "torch.nn.functional.softmax": nn.functional.softmax,
    "torch._C._nn.gelu": nn.functional.gelu,
    "torch.nn.parallel.data_parallel.DataParallel": nn.DataParallel,
}
"""What models keep as attributes beside modules; harmless whatever the arguments."""

_BOUND = "builtins.getattr"
_PYTHON2 = {"__builtin__": "builtins", "copy_reg": "copyreg"}
_lock = threading.RLock()

_File = str | Path | IO[bytes]


class RefusedError(pickle.UnpicklingError):
    """A file asks for names that are not allowed; ``refused`` maps each to the reason."""

    def __init__(self, file: str, refused: Mapping[str, str]) -> None:
        listed = "\n".join(f"  {name}: {reason}" for name, reason in refused.items())
        super().__init__(
            f"{file} is refused, nothing of it was loaded. It asks for\n{listed}\n"
            f"If you wrote a class yourself, import it and pass it: load(file, allow=[TheClass])."
        )
        self.refused = dict(refused)


def load(
    file: _File,
    *,
    map_location: Any = None,
    allow: Iterable[type] | Mapping[str, Any] = (),
    edition: str | None = None,
) -> Any:
    """Load a file that ``torch.save`` wrote: a whole model, a state dict, or a dict that holds them.

    ::

        torch.save(net, "net.pt")            # years ago, with import spikingjelly
        net = unisnn.load("net.pt")          # modules of unisnn.spikingjelly, the same numbers

    Args:
        file: a path or a binary file that can seek. Of the format before torch 1.6, state dicts alone load.
        map_location: where tensors go, as in ``torch.load``.
        allow: classes of your own that the file names, which are then found as ``module.Class`` and as
            ``__main__.Class``; or a mapping from dotted names to what stands for them. What you allow here
            is constructed with arguments from the file.
        edition: ``"spikingjelly==0.0.0.0.14"``: give this edition's numbers where a loaded object depends on
            it (default: the selected one).

    Raises:
        RefusedError: the file asks for a name that is neither upstream's, torch's nor allowed.
        pickle.UnpicklingError: the file is no pickle, or uses what ``weights_only`` does not support.
        ValueError: ``edition`` is not reproduced.
        RuntimeError: torch is older than 2.6, which has no allow-list of names.
    """
    with contextlib.ExitStack() as stack:
        if edition is not None:
            library, _, version = edition.partition("==")
            stack.enter_context(_edition.using(library.replace("-", "_"), version))
        stack.enter_context(allow_list(file, allow))
        try:
            return torch.load(file, map_location=map_location, weights_only=True)
        except pickle.UnpicklingError as error:
            # torch wraps the reason in advice to open the unpickler.
            reason = str(error.__context__ or error).partition("Please use `torch.serialization")[0].strip()
            raise pickle.UnpicklingError(f"{_called(file)} is refused: {reason}{_hint(reason)}") from None


@contextlib.contextmanager
def allow_list(file: _File, allow: Iterable[type] | Mapping[str, Any] = ()) -> Iterator[None]:
    """While the block runs, ``torch.load(file)`` finds the names of ``file``, and no others.

    The allow-list is torch's own (``torch.serialization.safe_globals``) and holds for the process, so the
    block should hold the call of ``torch.load`` alone. Arguments and errors are those of :func:`load`.
    """
    if not hasattr(torch.serialization, "get_unsafe_globals_in_checkpoint"):
        raise RuntimeError(f"loading whole models needs torch 2.6 or newer; this is {torch.__version__}")
    own = _own(allow)
    allowed: list[Any] = []
    refused: dict[str, str] = {}
    for name in names(file):
        try:
            twin = own[name] if name in own else _twin(name)
        except LookupError as error:
            refused[name] = str(error.args[0])
        else:
            if twin is not None:
                allowed.append((twin, name))
    with _lock:
        there = torch.serialization.get_safe_globals()
        fresh = [entry for entry in allowed if entry not in there]
        with torch.serialization.safe_globals(fresh):
            _refuse(file, refused)
            yield


def names(file: _File) -> list[str]:
    """Return the dotted names that a file asks for, sorted. Nothing is constructed.

    The list is empty for a file in the format before torch 1.6.

    Raises:
        pickle.UnpicklingError: the file is damaged.
    """
    with _opened(file) as stream:
        if not _zipped(stream):
            return []
        try:
            with zipfile.ZipFile(stream) as archive:
                inner = [entry for entry in archive.namelist() if entry.endswith("data.pkl")]
                return sorted({name for entry in inner for name in _names(archive.read(entry))})
        except (ValueError, zipfile.BadZipFile) as error:
            told = f"{_called(file)} is not a file that torch.save wrote: {error}"
            raise pickle.UnpicklingError(told) from None


def _names(data: bytes) -> Iterator[str]:
    strings: list[str] = []
    for operation, argument, _ in pickletools.genops(data):
        if operation.name in ("GLOBAL", "INST"):
            yield _dotted(*str(argument).split(" ", 1))
        elif operation.name == "STACK_GLOBAL":
            yield _dotted(*strings[-2:])
        elif isinstance(argument, str):
            strings.append(argument)


def _dotted(module: str, name: str) -> str:
    return f"{_PYTHON2.get(module, module)}.{name}"


def _own(allow: Iterable[type] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(allow, Mapping):
        return dict(allow)
    table: dict[str, Any] = {}
    for cls in allow:
        if not inspect.isclass(cls):
            raise TypeError(f"load: allow={cls!r} is not accepted; expected classes, or a mapping from names")
        table |= {f"{cls.__module__}.{cls.__qualname__}": cls, f"__main__.{cls.__qualname__}": cls}
    return table


def _twin(name: str) -> Any:
    """Return what stands for a name; ``None`` where that is torch's to say.

    Raises:
        LookupError: with the reason, for a name that cannot be allowed.
    """
    module, _, attribute = name.rpartition(".")
    library = module.removeprefix("unisnn.").partition(".")[0]
    if library in _edition.KNOWN:
        return _namesake(f"unisnn.{module.removeprefix('unisnn.')}", attribute)
    if module.startswith("torch.nn.modules."):
        return _module_class(sys.modules.get(module), attribute, module)
    if name == _BOUND:
        return _spiking_function
    return _FUNCTIONS.get(name)


def _namesake(module: str, attribute: str) -> type[nn.Module]:
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if not f"{module}.".startswith(f"{error.name}."):
            raise
        raise LookupError(f"unisnn has no {module}") from None
    return _module_class(found, attribute, module)


def _module_class(module: Any, attribute: str, called: str) -> type[nn.Module]:
    found = getattr(module, attribute, None)
    if isinstance(found, Absent):
        raise LookupError(f"absent from unisnn: {vars(found)['reason']}")
    if found is None:
        raise LookupError(f"{called} has no {attribute}")
    if not (inspect.isclass(found) and issubclass(found, nn.Module)):
        raise LookupError(f"{called}.{attribute} is not a module class")
    return found


def _spiking_function(owner: Any, name: str) -> Callable[..., Any]:
    """Stand for ``getattr``, which files name for the static function that a surrogate keeps as ``f``."""
    if not (inspect.isclass(owner) and issubclass(owner, nn.Module) and name == "spiking_function"):
        raise pickle.UnpicklingError(f"getattr of {name!r} of {owner!r} is not allowed")
    return cast("Callable[..., Any]", getattr(owner, name))


def _refuse(file: _File, refused: dict[str, str]) -> None:
    """Raise for the names that neither the allow-list nor torch's own knows.

    In the format before torch 1.6, torch refuses whole models itself.
    """
    with _opened(file) as stream:
        if _zipped(stream):
            try:
                unknown = torch.serialization.get_unsafe_globals_in_checkpoint(stream)
            except (ValueError, RuntimeError, pickle.UnpicklingError) as error:
                told = f"{_called(file)} is refused: {error}{_hint(str(error))}"
                raise pickle.UnpicklingError(told) from None
            refused = {**dict.fromkeys(unknown, "not on the allow-list"), **refused}
    if refused:
        raise RefusedError(_called(file), dict(sorted(refused.items())))


@contextlib.contextmanager
def _opened(file: _File) -> Iterator[IO[bytes]]:
    """Open a path, or lend a file and put it back where it stood."""
    if isinstance(file, (str, Path)):
        with open(file, "rb") as stream:
            yield stream
    else:
        before = file.tell()
        try:
            yield file
        finally:
            file.seek(before)


def _zipped(stream: IO[bytes]) -> bool:
    start = stream.tell()
    magic = stream.read(4)
    stream.seek(start)
    return magic == b"PK\x03\x04"


def _hint(reason: str) -> str:
    if "persistent_load" in reason:
        return " (a whole model in the format before torch 1.6; save it anew, or save its state_dict)"
    if "operand" in reason:
        return " (torch.save with its own pickle protocol, 2, writes what can be read)"
    return ""


def _called(file: _File) -> str:
    return str(file) if isinstance(file, (str, Path)) else str(getattr(file, "name", "the file"))
