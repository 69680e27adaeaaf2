"""KLIF, QIF, EIF, Izhikevich and LIAF of SpikingJelly: the numbers, over arguments, drives and inputs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ2 = "spikingjelly==0.0.0.0.14", "spikingjelly==2.0.0"
_NEURON, _SURROGATE = "activation_based.neuron", "activation_based.surrogate"

_DRIVES: tuple[dict[str, Any], ...] = (
    {"drive": "step"},
    {"drive": "sequence", "loss": ["y", "v"]},
    {"drive": "step", "training": False, "loss": ["y", "v"]},
)
_SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    "KLIFNode": (
        {},
        {"tau": 1.7, "decay_input": False},
        {"tau": 1.7, "v_reset": 0.2},
        {"tau": 1.7, "v_reset": -0.1, "decay_input": False, "scale_reset": True},
        {"scale_reset": True, "detach_reset": True, "v_threshold": 0.9},
        {"scale_reset": True, "v_reset": 0.2},
    ),
    "QIFNode": (
        {},
        {"tau": 1.7, "v_c": 0.6, "a0": 0.7, "v_rest": 0.1},
        {"v_reset": None},
        {"v_reset": 0.0, "detach_reset": True},
        {"tau": 3.0, "v_threshold": 0.7, "v_reset": -0.3, "v_rest": -0.2},
    ),
    "EIFNode": (
        {},
        {"tau": 1.7, "delta_T": 0.3, "theta_rh": 0.6, "v_rest": 0.1},
        {"v_reset": None},
        {"v_reset": 0.0, "detach_reset": True},
        {"tau": 3.0, "v_threshold": 0.7, "v_reset": -0.3, "v_rest": -0.2},
    ),
    "IzhikevichNode": (
        {},
        {"a": 0.3, "b": 0.2, "w_rest": 0.1, "tau_w": 1.7},
        {"a": 0.3, "b": 0.2, "v_reset": None},
        {"a": -0.4, "b": 0.7, "v_reset": 0.2, "detach_reset": True},
        {"a": 0.4, "b": 0.5, "v_reset": None, "detach_reset": True, "tau": 1.7},
        {"tau": 3.0, "v_threshold": 0.7, "v_reset": -0.3, "v_c": 0.5, "a0": 0.6, "tau_w": 3.0, "a": 1.0},
    ),
}


def _word(drive: dict[str, Any]) -> str:
    return f"{'eval' if drive.get('training') is False else 'train'}-{drive['drive']}"


def _case(
    name: str, what: str, kwargs: dict[str, Any], drive: dict[str, Any], inputs: dict[str, Any], **more: Any
) -> Case:
    """Return one case of 0.0.0.0.14; the adaptation current is traced beside the membrane potential."""
    given = {**kwargs, "step_mode": "m"} if drive["drive"] == "sequence" else kwargs
    states = ["v", "w"] if name == "IzhikevichNode" else None
    return _grid.made(
        more.pop("edition", _SJ14),
        "neuron_nonlinear",
        f"{_NEURON}.{name}",
        f"{what}/{_word(drive)}",
        kwargs=given,
        inputs=inputs,
        **{"states": states, **drive, **more},
    )


def _numbers(name: str) -> Iterator[Case]:
    for kwargs, drive in itertools.product(_SETTINGS[name], _DRIVES):
        source = "grid" if drive["drive"] == "sequence" else "uni"
        yield _case(name, f"{_grid.text(kwargs)}-{source}", kwargs, drive, _grid.drawn(source))
    for source, drive in itertools.product(
        ("one", "empty", "wild", "negative", "huge", "image"), _DRIVES[:2]
    ):
        yield _case(name, source, {}, drive, _grid.drawn(source))
    for dtype, kwargs in itertools.product(("float16", "bfloat16", "float64"), _SETTINGS[name][:2]):
        what = f"{_grid.text(kwargs)}-uni"
        yield _case(name, what, kwargs, _DRIVES[0], _grid.drawn("uni", dtype), dtype=dtype)
    for layout in ("strided", "transposed"):
        yield _case(name, f"layout={layout}", {}, _DRIVES[1], _grid.drawn("uni", layout=layout))
    surrogate = _grid.new(f"{_SURROGATE}.ATan", alpha=3.0)
    yield _case(name, "ATan", {"surrogate_function": surrogate}, _DRIVES[0], _grid.drawn("nrm"))
    integers = {**_DRIVES[0], "loss": []}
    yield _case(name, "integers", {}, integers, _grid.drawn("count"), dtype="int64")


def _state(name: str) -> Iterator[Case]:
    """Second call, reset, detach, copies, facts, switched step mode, kept membrane potentials."""
    run = ["run", "x"]
    scripts: dict[str, list[Any]] = {
        "again": [run, run],
        "reset": [run, ["call", "reset"], run],
        "detach": [run, ["call", "detach"], run],
        "deepcopy": [run, ["call", "detach"], ["deepcopy"], run],
        "state_dict": [run, ["state_dict"], run],
        "mode": [["set", "step_mode", "m"], ["run", "x", "sequence"]],
        "double": [["to", "float64"], run],
        "forget": [["del", "v"], ["attempt", run]],
    }
    kwargs = _SETTINGS[name][1]
    for what, script in scripts.items():
        yield _case(name, what, kwargs, {"drive": "step"}, _grid.drawn("uni"), script=script, facts=True)
    stored = {**kwargs, "step_mode": "m", "store_v_seq": True}
    states = ["v", "v_seq", "w"] if name == "IzhikevichNode" else ["v", "v_seq"]
    more = {"states": states, "facts": True}
    yield _case(name, "store_v_seq", stored, {"drive": "sequence"}, _grid.drawn("uni"), **more)
    for hook, kind in (
        ("neuronal_charge", "charge_quarter"),
        ("neuronal_fire", "fire_twice"),
        ("neuronal_reset", "reset_halves"),
    ):
        for drive in (_DRIVES[0], _DRIVES[2]):
            more = {"protocol": "neuron_subclass", "override": [hook, kind]}
            yield _case(name, f"override-{hook}", {}, drive, _grid.drawn("uni"), **more)


_REFUSED: dict[str, tuple[dict[str, Any], ...]] = {
    "KLIFNode": ({"tau": 1.0}, {"tau": 2}, {"v_reset": 0}, {"v_threshold": 1}, {"step_mode": "x"}),
    "QIFNode": ({"tau": 1.0}, {"v_reset": 1.5}, {"v_rest": -0.5}, {"a0": 0.0}, {"backend": "cupy"}),
    "EIFNode": ({"tau": 2}, {"v_reset": 1.5}, {"v_rest": -0.5}, {"delta_T": 0.0}, {"backend": "abacus"}),
    "IzhikevichNode": ({"tau": 1.0}, {"w_rest": 1}, {"tau_w": 2}, {"a": 0}, {"b": 1}, {"v_rest": 1}),
    "AdaptBaseNode": ({"w_rest": 1}, {"tau_w": 2}, {"a": 0}, {"v_reset": 0}),
}


def _refusals() -> Iterator[Case]:
    for name, several in _REFUSED.items():
        for kwargs in several:
            what = f"refuses-{_grid.text(kwargs)}"
            yield _case(name, what, kwargs, {"drive": "step"}, _grid.drawn("uni"))
    abstract = {"script": [["attempt", ["run", "x"]]], "facts": True, "states": ["v", "w"]}
    yield _case("AdaptBaseNode", "bare", {}, {"drive": "step"}, _grid.drawn("uni"), **abstract)
    for kwargs in ({"a": 0.3, "b": 0.2}, {"v_reset": None, "b": 0.4}, {"v_reset": 0.2, "detach_reset": True}):
        more = {
            "protocol": "neuron_subclass",
            "override": ["neuronal_charge", "charge_quarter"],
            "states": ["v", "w"],
        }
        for drive in _DRIVES:
            what = f"charge_quarter,{_grid.text(kwargs)}"
            yield _case("AdaptBaseNode", what, kwargs, drive, _grid.drawn("uni"), **more)


def _equations() -> Iterator[Case]:
    def tensor(seed: int, kind: str = "uniform") -> dict[str, Any]:
        span = {"low": -0.5, "high": 1.5} if kind == "uniform" else {}
        return {"$tensor": {"kind": kind, "seed": seed, "shape": [4, 3], **span}}

    v, w, x, s, d = tensor(55), tensor(56), tensor(57), tensor(58, "binary"), tensor(58, "binary")
    k = {"$tensor": {"kind": "full", "shape": [], "value": 0.7}}
    table: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
        ("AdaptBaseNode", "jit_neuronal_adaptation", (w, 1.7, 0.3, -0.1, v)),
        ("AdaptBaseNode", "jit_hard_reset", (v, w, d, 0.2, 0.3, s)),
        ("AdaptBaseNode", "jit_soft_reset", (v, w, d, 0.9, 0.3, s)),
        ("KLIFNode", "neuronal_charge_decay_input", (x, v, 0.2, 1.7, k)),
        ("KLIFNode", "neuronal_charge_no_decay_input", (x, v, 0.2, 1.7, k)),
    )
    for owner, name, args in table:
        more = _grid.options(protocol="function", args=args)
        yield _grid.made(_SJ14, "neuron_nonlinear", f"{_NEURON}.{owner}.{name}", owner, **more)


def _soft_klif() -> Iterator[Case]:
    """KLIF with a soft reset: 0.0.0.0.14 fails, 2.0.0 runs (another rounding where ``k`` is taken back)."""
    for edition, scale, decay in itertools.product((_SJ14, _SJ2), (False, True), (True, False)):
        kwargs = {"v_reset": None, "tau": 2.0, "decay_input": decay, "scale_reset": scale}
        what = f"soft,{_grid.text(kwargs)}"
        loss = {"drive": "step", "loss": ["y"] if edition == _SJ14 else []}
        yield _case("KLIFNode", what, kwargs, loss, _grid.drawn("uni"), edition=edition)


def _newer() -> Iterator[Case]:
    """The spikes and membrane potentials of 2.0.0, whose gradients add in another order."""
    forward = {"drive": "step", "loss": []}
    for name, settings in _SETTINGS.items():
        for kwargs in settings[:2] if name != "IzhikevichNode" else settings[:1]:
            what = f"{_grid.text(kwargs)}-uni"
            yield _case(name, what, kwargs, forward, _grid.drawn("uni"), edition=_SJ2)
    for name, kwargs in (("AdaptBaseNode", {"tau_w": 2}), ("AdaptBaseNode", {"v_reset": 0})):
        yield _case(name, f"refuses-{_grid.text(kwargs)}", kwargs, forward, _grid.drawn("uni"), edition=_SJ2)


_ANALOG: tuple[dict[str, Any], ...] = (
    {"v_reset": 0.0},
    {"v_reset": None, "tau": 1.7},
    {"v_reset": 0.2, "v_threshold": 0.9},
)


def _analog() -> Iterator[Case]:
    """LIAF: 0.0.0.0.14 cannot construct it; 2.0.0 gives activations in step mode 's'."""
    for edition, kwargs in itertools.product((_SJ14, _SJ2), _ANALOG):
        acts = ("nn.ReLU", "nn.Tanh") if edition == _SJ2 else ("nn.ReLU",)
        for act, related in itertools.product(acts, (False, True)):
            more = {"args": ({"$torch": act}, related), "edition": edition}
            what = f"{act[3:]},{related},{_grid.text(kwargs)}"
            drive = {"drive": "step", "loss": ["y"] if edition == _SJ14 else []}
            yield _case("LIAFNode", what, kwargs, drive, _grid.drawn("uni"), **more)
            if edition == _SJ14:
                continue
            evaluated = {**drive, "training": False}
            yield _case("LIAFNode", what, kwargs, evaluated, _grid.drawn("uni"), **more)
    more = {"args": ({"$torch": "nn.ReLU"}, False), "edition": _SJ2}
    many = {"drive": "sequence", "loss": []}
    yield _case("LIAFNode", "ReLU,False", {}, many, _grid.drawn("uni"), **more)


def cases() -> Iterator[Case]:
    """Yield the cases; most of them of 0.0.0.0.14."""
    for name in _SETTINGS:
        yield from _numbers(name)
        yield from _state(name)
    yield from _refusals()
    yield from _equations()
    yield from _soft_klif()
    yield from _newer()
    yield from _analog()
