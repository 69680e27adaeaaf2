"""What an object of a library is, beyond its numbers: its bases, its attributes, its copies.

Every section runs alone; what it raises is recorded under the section's name::

    bases       library and torch classes in the MRO; isinstance against calls["bases"]
    facts       repr, extra_repr, state_dict, parameters, buffers, modules, memories
    public      every public attribute, and the values of the plain ones
    life        y = module(x) twice, memories after each, after detach and after reset
    memory      set, get, delete, register and restore a memory
    copies      deepcopy before and after a call; a copy's call leaves the original alone
    pickled     a round trip, and modules outside of the library and torch that it names
    replica     what nn.DataParallel makes of it; a replica's call leaves the original alone
    cast        to(float64), half(), share_memory(), to('meta'): outputs, and dtype and place of memories
    setters     what odd values of step_mode, backend and other attributes do

``calls`` options: ``bases`` (dotted paths), ``training`` (default true), ``skip`` (names of sections),
``also`` (public names that one side alone may have), ``asked`` (pairs of an attribute and a value to set).
"""

from __future__ import annotations

import copy
import functools
import io
import pickle
import re
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unisnn.parity.case import Case
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import protocol

__all__ = ["object_life"]

_PLAIN = (bool, int, float, str, tuple, Tensor, type(None), torch.dtype, torch.device)
_TORCH_NAMES = frozenset((*dir(nn.Module()), "T_destination"))
_HOMES = (
    "base",
    "neuron",
    "layer",
    "rnn",
    "surrogate",
    "encoding",
    "learning",
    "monitor",
    "ann2snn",
    "spike_op",
)
_KNOWN = ("torch", "collections", "builtins", "copyreg", "_codecs", "functools", "numpy", "math")


def _text(value: Any) -> str:
    """Return the text of ``repr`` without what differs between two processes or two import roots."""
    return re.sub(r"\bunisnn\.", "", re.sub(r"0x[0-9a-f]+", "0x", repr(value)))


def _offered(cls: type, library: Library, package: str) -> bool:
    """Whether the class is public in a module of the package."""
    for module in _HOMES if not cls.__name__.startswith("_") else ():
        try:
            home = library.resolve(f"{package}.{module}")
        except (AttributeError, ModuleNotFoundError):
            continue
        if getattr(home, cls.__name__, None) is cls:
            return True
    return False


class _Names(pickle.Unpickler):
    """Reads a pickle and notes the modules that it names."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.modules: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        self.modules.add(module)
        return super().find_class(module, name)


def _is_module(value: Any) -> bool:
    return isinstance(value, nn.Module)


class _Look:
    """One object under examination."""

    def __init__(self, case: Case, library: Library, out: Outputs) -> None:
        self.case, self.library, self.out = case, library, out
        self.calls = case.calls

    def fresh(self) -> Any:
        """Build the object anew, always with the same draws."""
        torch.manual_seed(5)
        made = self.library.build(self.case)
        if _is_module(made):
            made.train(self.calls.get("training", True))
        return made

    def put(self, name: str, value: Any) -> None:
        """Record a value; one that has no form as data is recorded as text."""
        if isinstance(value, (list, tuple)):
            self.out.put(f"{name}.length", len(value))
            for index, item in enumerate(value):
                self.put(f"{name}/{index}", item)
        elif isinstance(value, _PLAIN) and not isinstance(value, (torch.dtype, torch.device)):
            self.out.put(name, value)
        elif isinstance(value, dict):
            for key, item in value.items():
                self.put(f"{name}/{key}", item)
        else:
            self.out.put(name, _text(value) if isinstance(value, nn.Module) else type(value).__name__)

    def memories(self, name: str, module: Any) -> None:
        """Record the present value of every memory of the module and of those inside."""
        inside = list(module.named_modules()) if _is_module(module) else [("", module)]
        for path, each in inside:
            for key, value in each.named_memories() if hasattr(each, "named_memories") else ():
                self.put(f"{name}.memory.{path}{'.' if path else ''}{key}", value)

    def run(self, name: str, module: Any, dtype: torch.dtype = torch.float32, graph: bool = False) -> None:
        """Call the module, with the same draws each time, and record outputs and memories."""
        if "x" not in self.case.inputs:
            return
        x = self.library.input(self.case, "x").to(dtype).requires_grad_(graph)
        torch.manual_seed(7)
        y = module(x)
        self.put(f"{name}.y", y)
        self.memories(name, module)


def _bases(look: _Look) -> None:
    made, package = look.fresh(), look.case.symbol.partition(".")[0]
    mro = type(made).__mro__
    own = [cls.__name__ for cls in mro if _offered(cls, look.library, package)]
    look.out.put("bases.library", own)
    torches = [cls.__name__ for cls in mro if cls.__module__.startswith("torch.")]
    look.out.put("bases.torch", torches)
    look.out.put("bases.qualname", type(made).__qualname__)
    for path in look.calls.get("bases", ()):
        look.out.put(f"bases.isinstance/{path}", isinstance(made, look.library.resolve(path)))


def _facts(look: _Look) -> None:
    made, out = look.fresh(), look.out
    out.put("facts.repr", _text(made))
    if not _is_module(made):
        return
    out.put("facts.extra_repr", re.sub(r"\bunisnn\.", "", re.sub(r"0x[0-9a-f]+", "0x", made.extra_repr())))
    for key, value in made.state_dict().items():
        look.put(f"facts.state/{key}", value)
    out.put("facts.state_keys", list(made.state_dict()))
    out.put("facts.parameters", [f"{name}:{each.requires_grad}" for name, each in made.named_parameters()])
    out.put("facts.buffers", [name for name, _ in made.named_buffers()])
    out.put("facts.modules", [f"{name}:{type(each).__name__}" for name, each in made.named_modules()])
    if hasattr(made, "named_memories"):
        out.put("facts.memory_names", [name for name, _ in made.named_memories()])
        out.put("facts.memory_count", len(list(made.memories())))
        out.put("facts.memory_dicts", [*made._memories, *made._memories_rv])
        look.memories("facts", made)
    again = look.fresh()
    out.put("facts.loaded", str(again.load_state_dict(copy.deepcopy(made.state_dict()))))


def _public(look: _Look) -> None:
    made = look.fresh()
    left = _TORCH_NAMES.union(look.calls.get("also", ()))
    for name in [name for name in dir(made) if not name.startswith("_") and name not in left]:
        try:
            value = getattr(made, name)
        except Exception as error:
            look.out.fail(f"public.{name}", error)
            continue
        if callable(value) and not isinstance(value, nn.Module):
            look.out.put(f"public.{name}", "callable")
        elif isinstance(value, _PLAIN):
            look.put(f"public.{name}", value)
        else:
            look.out.put(
                f"public.{name}", _text(value) if isinstance(value, nn.Module) else type(value).__name__
            )


def _life(look: _Look) -> None:
    made = look.fresh()
    for turn in range(2):
        look.run(f"life.{turn}", made)
    for method in ("detach", "reset"):
        if hasattr(made, method):
            look.put(f"life.{method}", getattr(made, method)())
            look.memories(f"life.{method}", made)
    look.run("life.again", made)


def _memory(look: _Look) -> None:
    made, out = look.fresh(), look.out
    if not hasattr(made, "named_memories"):
        return
    for name in [name for name, _ in made.named_memories()]:
        out.put(f"memory.{name}.places", [name in vars(made), name in dir(made), hasattr(made, name)])
        made.__setattr__(name, 0.25)
        look.put(f"memory.{name}.set", getattr(made, name))
        out.put(f"memory.{name}.still", [name in vars(made), name in made._memories])
        made.reset()
        look.put(f"memory.{name}.reset", getattr(made, name))
        made.set_reset_value(name, torch.tensor([0.5]))
        made.reset()
        look.put(f"memory.{name}.other", getattr(made, name))
        _attempt(look, f"memory.{name}.twice", functools.partial(made.register_memory, name, 1.0))
        delattr(made, name)
        out.put(
            f"memory.{name}.gone", [hasattr(made, name), name in made._memories, name in made._memories_rv]
        )
        _attempt(look, f"memory.{name}.get", functools.partial(getattr, made, name))
    made.register_memory("unheard_of", 1.5)
    look.put("memory.registered", made.unheard_of)
    _attempt(look, "memory.unknown", lambda: made.no_such_name)
    _attempt(look, "memory.delete", lambda: delattr(made, "no_such_name"))
    _attempt(look, "memory.taken", lambda: made.register_memory("training", 1.0))


def _attempt(look: _Look, name: str, function: Callable[[], Any]) -> None:
    try:
        look.put(name, function())
    except Exception as error:  # the exception is the result
        look.out.fail(name, error)


def _copies(look: _Look) -> None:
    made = look.fresh()
    copied = copy.deepcopy(made)
    look.out.put("copies.type", [type(copied) is type(made), copied is made])
    look.run("copies.fresh", copied)
    look.memories("copies.fresh.original", made)
    with torch.no_grad():
        look.run("copies.first", made)
        copied = copy.deepcopy(made)
        look.memories("copies.after", copied)
        look.run("copies.copy", copied)
        look.memories("copies.original", made)
        if hasattr(copied, "reset"):
            copied.reset()
            look.memories("copies.reset", copied)
            look.memories("copies.kept", made)
    look.run("copies.graph", made, graph=True)
    _attempt(look, "copies.attached", lambda: type(copy.deepcopy(made)).__name__)
    shallow = copy.copy(made)
    look.out.put("copies.shallow", sorted(set(vars(shallow)) ^ set(vars(made))))
    if _is_module(made):
        own = {id(each) for each in made.parameters()}
        look.out.put("copies.shared", any(id(each) in own for each in copied.parameters()))


def _pickled(look: _Look) -> None:
    made = look.fresh()
    with torch.no_grad():
        look.run("pickled.first", made)
        data = pickle.dumps(made)
        reader = _Names(data)
        loaded = reader.load()
        known = (look.library.root, "unisnn.core", *_KNOWN)
        look.out.put("pickled.foreign", sorted(name for name in reader.modules if not name.startswith(known)))
        look.out.put("pickled.type", type(loaded) is type(made))
        look.memories("pickled", loaded)
        look.out.put("pickled.repr", _text(loaded))
        look.run("pickled.next", loaded)
        stored = io.BytesIO()
        torch.save(loaded, stored)
        stored.seek(0)
        look.run("pickled.stored", torch.load(stored, weights_only=False))


def _replicate(module: Any) -> Any:
    """Do to a module and its children what ``nn.parallel.replicate`` does, on the CPU."""
    replica = module._replicate_for_data_parallel()
    for name, child in module._modules.items():
        replica._modules[name] = None if child is None else _replicate(child)
    for name, parameter in module._parameters.items():
        if parameter is None:
            replica._parameters[name] = None
        else:
            setattr(replica, name, parameter.detach().clone().requires_grad_(parameter.requires_grad))
    for name, buffer in module._buffers.items():
        replica._buffers[name] = buffer
    return replica


def _replica(look: _Look) -> None:
    made = look.fresh()
    if not _is_module(made):
        return
    with torch.no_grad():
        look.run("replica.first", made)
        replica = _replicate(made)
        look.out.put("replica.type", [type(replica) is type(made), replica is made])
        look.memories("replica", replica)
        look.out.put("replica.parameters", [name for name, _ in replica.named_parameters()])
        look.run("replica.run", replica)
        look.memories("replica.original", made)
        if hasattr(replica, "reset"):
            replica.reset()
            look.memories("replica.reset", replica)
            look.memories("replica.kept", made)
        if hasattr(made, "named_memories"):
            look.out.put(
                "replica.shares",
                [replica._memories is made._memories, replica._memories_rv is made._memories_rv],
            )
        look.run("replica.original.next", made)


def _cast(look: _Look) -> None:
    made = look.fresh()
    if not _is_module(made):
        return
    steps: dict[str, Callable[[Any], Any]] = {
        "double": lambda each: each.to(torch.float64),
        "half": lambda each: each.half(),
        "shared": lambda each: each.share_memory(),
        "meta": lambda each: each.to("meta"),
    }
    with torch.no_grad():
        look.run("cast.first", made)
    for word, step in steps.items():
        look.out.put(f"cast.{word}.same", step(made) is made)
        if hasattr(made, "named_memories"):
            for name, value in made.named_memories():
                if isinstance(value, Tensor):
                    told = f"{value.dtype} {value.device} {value.is_shared() if word != 'meta' else ''}"
                    look.out.put(f"cast.{word}.{name}", told)
        if word == "double":
            with torch.no_grad():
                look.run("cast.double", made, torch.float64)


_ODD: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("step_mode", ("s", "m", "x", None, 1)),
    ("backend", ("torch", "lava", "abacus", None, 1)),
    ("supported_backends", (("torch",),)),
    ("unheard_of", (1.0,)),
)


def _setters(look: _Look) -> None:
    made = look.fresh()
    asked = tuple((name, (value,)) for name, value in look.calls.get("asked", ()))
    for name, values in (*_ODD, *asked):
        if not hasattr(made, name) and name != "unheard_of":
            continue
        for value in values:
            where = f"setters.{name}={value!r}"
            try:
                setattr(made, name, value)
            except Exception as error:  # the exception is the result
                look.out.fail(where, error)
            _attempt(look, f"{where}.then", functools.partial(getattr, made, name))
            if name == "step_mode":
                _attempt(look, f"{where}.backends", lambda: list(made.supported_backends))
    if hasattr(made, "supported_step_mode"):
        _attempt(look, "setters.supported_step_mode", lambda: list(made.supported_step_mode()))


_SECTIONS: dict[str, Callable[[_Look], None]] = {
    "bases": _bases,
    "facts": _facts,
    "public": _public,
    "life": _life,
    "memory": _memory,
    "copies": _copies,
    "pickled": _pickled,
    "replica": _replica,
    "cast": _cast,
    "setters": _setters,
}


@protocol("object")
def object_life(case: Case, library: Library, out: Outputs) -> None:
    """Look at one object from every side; a section that raises does not keep the others from running."""
    look = _Look(case, library, out)
    library.build(case)
    for name, section in _SECTIONS.items():
        if name not in case.calls.get("skip", ()):
            try:
                section(look)
            except Exception as error:  # the exception is the section's result
                out.fail(name, error)
