"""Neurons that SpikingJelly gained since 0.0.0.0.14: parallel, gated, two-state, online and rate-trained."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ2 = "spikingjelly==2.0.0"
_NEURON, _SURROGATE = "activation_based.neuron", "activation_based.surrogate"
_FAMILY = "neuron_newer"
_DTYPES = ("float64", "bfloat16", "float16")
_T = 8


def _case(name: str, what: str, kwargs: dict[str, Any], inputs: dict[str, Any], **more: Any) -> Case:
    given = dict(more)
    protocol = given.pop("protocol", "neuron_learned")
    path = f"{_NEURON}.{name}"
    return _grid.made(_SJ2, _FAMILY, path, what, protocol=protocol, kwargs=kwargs, inputs=inputs, **given)


def _surrogate(name: str, **kwargs: Any) -> dict[str, Any]:
    return {"surrogate_function": _grid.new(f"{_SURROGATE}.{name}", **kwargs)}


_PARALLEL: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("PSN", {"T": _T}, ("m",)),
    ("PSN", {"T": _T, **_surrogate("Sigmoid", alpha=3.0)}, ("m",)),
    ("MaskedPSN", {"k": 3, "T": _T, "lambda_init": 1.0}, ("s", "m")),
    ("MaskedPSN", {"k": 9, "T": _T, "lambda_init": 1.5}, ("s", "m")),
    ("MaskedPSN", {"k": 2, "T": _T}, ("m",)),
    ("MaskedPSN", {"k": 2, "T": _T, "lambda_init": 0.3, **_surrogate("ATan", alpha=3.0)}, ("m",)),
    ("SlidingPSN", {"k": 3}, ("s", "m")),
    ("SlidingPSN", {"k": 1}, ("s", "m")),
    ("SlidingPSN", {"k": 9, "exp_init": False}, ("s", "m")),
)


def _parallel() -> Iterator[Case]:
    for (name, kwargs, modes), source, training in itertools.product(
        _PARALLEL, ("uni", "nrm", "image"), (True, False)
    ):
        if source == "image" and (not training or "T" in kwargs):
            continue
        for mode in modes:
            given = kwargs if name == "PSN" else {**kwargs, "step_mode": mode}
            drive = "sequence" if mode == "m" else "step"
            word = f"{_grid.text(kwargs)}-{source}/{mode}/{'train' if training else 'eval'}"
            more = {"drive": drive, "states": [], "training": training, "gain": 2.0, "facts": True}
            yield _case(name, word, given, _grid.drawn(source), **more)
    for (name, kwargs, modes), dtype in itertools.product(
        _PARALLEL[:1] + _PARALLEL[2:3] + _PARALLEL[6:7], _DTYPES
    ):
        given = kwargs if name == "PSN" else {**kwargs, "step_mode": modes[-1]}
        script = [["to", dtype], ["run", "x"]]
        more = {"drive": "sequence", "states": [], "dtype": dtype, "script": script}
        yield _case(name, f"{_grid.text(kwargs)}-uni", given, _grid.drawn("uni", dtype), **more)
    for name in ("MaskedPSN", "SlidingPSN"):
        kwargs = {"k": 3, "T": _T, "lambda_init": 1.0} if name == "MaskedPSN" else {"k": 3}
        run = ["run", "x"]
        scripts: dict[str, list[Any]] = {
            "reset": [run, ["call", "reset"], run],
            "state_dict": [["state_dict"], run],
            "deepcopy": [["deepcopy"], run],
            "too-many": [run, ["attempt", run]],
            "lambda": [["attempt", ["set", "lambda_", 0.5]], ["attempt", run]],
        }
        for what, script in scripts.items():
            more = {"drive": "step", "states": [], "script": script, "facts": True}
            yield _case(name, what, kwargs, _grid.drawn("uni"), **more)
    for name, kwargs in (("MaskedPSN", {"k": 3, "T": _T, "step_mode": "m"}), ("PSN", {"T": _T})):
        more = {"drive": "sequence", "states": []}
        yield _case(name, "other-T", kwargs, _grid.drawn("odd"), **more)
    script = [
        ["set", "lambda_", 0.5],
        ["run", "x"],
        ["set", "lambda_", 1.0],
        ["run", "x"],
        ["get", "lambda_"],
    ]
    more = {"drive": "sequence", "states": [], "script": script}
    yield _case("MaskedPSN", "progress", {"k": 3, "T": _T, "step_mode": "m"}, _grid.drawn("uni"), **more)
    for name, kwargs in (
        ("MaskedPSN", {"k": 2, "T": 3, "step_mode": "x"}),
        ("SlidingPSN", {"k": 2, "step_mode": "x"}),
    ):
        yield _case(name, "refuses-step_mode", kwargs, _grid.drawn("uni"), states=[])


def _equations() -> Iterator[Case]:
    def tensor(seed: int, *shape: int) -> dict[str, Any]:
        return {"$tensor": {"kind": "normal", "seed": seed, "shape": list(shape)}}

    def full(value: float, *shape: int) -> dict[str, Any]:
        return {"$tensor": {"kind": "full", "shape": list(shape), "value": value}}

    mask = {"$tensor": {"kind": "binary", "seed": 61, "shape": [4, 4], "p": 0.5}}
    table: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("MaskedPSN.gen_masked_weight", (full(0.3), mask, full(1.0, 4, 4), tensor(62, 4, 4))),
        ("MaskedPSN.gen_masked_weight", (full(1.0), mask, full(1.0, 4, 4), tensor(62, 4, 4))),
        ("OTTTLIFNode.track_trace", (tensor(63, 4, 3), tensor(64, 4, 3), 1.7)),
        ("DSRLIFNode.weight_rate_spikes", (tensor(65, 6, 4, 3), 1.7, 0.05)),
        ("DSRLIFNode.weight_rate_spikes", (tensor(66, 3, 4), 2.0, 0.3)),
    )
    for number, (name, args) in enumerate(table):
        path = f"{_NEURON}.{name}"
        yield _grid.made(_SJ2, _FAMILY, path, f"equation-{number}", protocol="function", args=args)


_GATED: tuple[dict[str, Any], ...] = (
    {"T": _T},
    {"T": _T, "init_linear_decay": 0.2, "init_v_subreset": 0.3, "init_tau": 0.6},
    {"T": _T, "init_v_threshold": 0.7, "init_conduct": 0.8, **_surrogate("ATan")},
    {"T": _T, "inplane": 2},
    {"T": _T, "inplane": 2, "init_v_threshold": 0.3, "init_v_subreset": 0.6},
)


def _gated() -> Iterator[Case]:
    picture = {"kind": "normal", "seed": 71, "shape": [_T, 3, 2, 4, 3], "std": 1.5, "dtype": "float32"}
    for kwargs, training in itertools.product(_GATED, (True, False)):
        word = f"{_grid.text(kwargs)}/{'train' if training else 'eval'}"
        more = {"drive": "sequence", "states": ["v"], "training": training, "facts": training, "gain": 1.5}
        yield _case("GatedLIFNode", word, kwargs, {"x": picture}, **more)
    run = ["run", "x"]
    for what, script in (
        ("again", [run, run]),
        ("reset", [run, ["call", "reset"], run]),
        ("detach", [run, ["call", "detach"], run]),
        ("u", [run, ["get", "u"]]),
        ("single", [["set", "step_mode", "s"], ["attempt", run]]),
    ):
        more = {"drive": "sequence", "states": ["v"], "script": script}
        yield _case("GatedLIFNode", what, _GATED[3], {"x": picture}, **more)
    for count in (_T + 1, _T - 1):
        longer = {**picture, "shape": [count, 3, 2, 4, 3]}
        yield _case("GatedLIFNode", f"steps={count}", _GATED[0], {"x": longer}, drive="sequence")
    flat = {**picture, "shape": [_T, 3, 4]}
    yield _case("GatedLIFNode", "flat", _GATED[0], {"x": flat}, drive="sequence")
    double = {**picture, "dtype": "float64"}
    script = [["to", "float64"], run]
    more = {"drive": "sequence", "script": script, "dtype": "float64"}
    yield _case("GatedLIFNode", "default", _GATED[3], {"x": double}, **more)
    for kwargs in (
        {"T": 1.5},
        {"T": 3, "inplane": 1.5},
        {"T": 3, "step_mode": "s"},
        {"T": 3, "init_tau": 1.0},
        {"T": 3, "init_tau": 2},
        {"T": 3, "init_conduct": 1.5},
        {"T": 3, "init_v_threshold": 1.5},
        {"T": 3, "init_linear_decay": 1},
        {"T": 3, "init_v_subreset": 2.0},
    ):
        yield _case("GatedLIFNode", f"refuses-{_grid.text(kwargs)}", kwargs, {"x": picture})


_TWO: dict[str, tuple[dict[str, Any], ...]] = {
    "CUBALIFNode": (
        {},
        {"c_decay": 0.3, "v_decay": 0.6, "v_threshold": 0.8},
        {"v_reset": None, **_surrogate("ATan")},
        {"v_reset": 0.2, **_surrogate("Sigmoid")},
    ),
    "ComplementaryLIFNode": (
        {},
        {"tau": 1.7, **_surrogate("ATan")},
        {"tau": 3.0, "v_threshold": 0.6, **_surrogate("Sigmoid")},
        {"tau": 1.7, **_surrogate("Sigmoid", spiking=False)},
    ),
}
_SECOND = {"CUBALIFNode": "c", "ComplementaryLIFNode": "m"}


def _two_states() -> Iterator[Case]:
    for name, settings in _TWO.items():
        states = ["v", _SECOND[name]]
        for kwargs, source, training, mode in itertools.product(
            settings, ("uni", "nrm"), (True, False), ("s", "m")
        ):
            if source == "nrm" and not training:
                continue
            drive = "sequence" if mode == "m" else "step"
            script = [["set", "step_mode", mode], ["run", "x"]]
            word = f"{_grid.text(kwargs)}-{source}/{mode}/{'train' if training else 'eval'}"
            more = {"drive": drive, "states": states, "training": training, "loss": ["y", "v"]}
            yield _case(name, word, kwargs, _grid.drawn(source), script=script, facts=True, **more)
        for dtype in _DTYPES:
            more = {"drive": "step", "states": states, "dtype": dtype}
            yield _case(
                name, f"{_grid.text(settings[1])}-uni", settings[1], _grid.drawn("uni", dtype), **more
            )
        for source in ("one", "image", "scalar", "wild", "empty"):
            more = {"drive": "step", "states": states}
            yield _case(name, source, {}, _grid.drawn(source), **more)
        run = ["run", "x"]
        for what, script in (
            ("again", [run, run]),
            ("reset", [run, ["call", "reset"], run]),
            ("detach", [run, ["call", "detach"], run]),
            ("deepcopy", [run, ["call", "detach"], ["deepcopy"], run]),
            ("double", [["to", "float64"], run]),
        ):
            more = {"drive": "step", "states": states, "script": script, "facts": True}
            yield _case(name, what, settings[1], _grid.drawn("uni"), **more)
    for kwargs in ({"tau": 1.0}, {"tau": 2}, {"v_threshold": 1}, {"step_mode": "x"}):
        yield _case("ComplementaryLIFNode", f"refuses-{_grid.text(kwargs)}", kwargs, _grid.drawn("uni"))
    for kwargs in ({"v_threshold": 1}, {"v_reset": 1}):
        yield _case("CUBALIFNode", f"refuses-{_grid.text(kwargs)}", kwargs, _grid.drawn("uni"))
    kept = {"tau": 1.7, "step_mode": "m", "store_state_seqs": True}
    script = [["run", "x"], ["get", "state_seqs"], ["call", "reset"], ["get", "state_seqs"]]
    more = {"drive": "sequence", "states": ["v", "m"], "script": script}
    yield _case("ComplementaryLIFNode", "store_state_seqs", kept, _grid.drawn("uni"), **more)


_ONLINE: tuple[dict[str, Any], ...] = (
    {},
    {"tau": 1.7},
    {"tau": 1.7, "decay_input": True, "v_reset": None},
    {"tau": 1.7, "decay_input": False, "v_reset": 0.0},
    {"tau": 3.0, "v_reset": 0.2, "v_threshold": 0.7, **_surrogate("ATan")},
    {"tau": 1.7, "v_reset": -0.1, "decay_input": False, "detach_reset": False},
    {"tau": 1.7, **_surrogate("Sigmoid", spiking=False)},
)


def _online() -> Iterator[Case]:
    for name, kwargs, training in itertools.product(("OTTTLIFNode", "SLTTLIFNode"), _ONLINE, (True, False)):
        word = f"{_grid.text(kwargs)}-uni/{'train' if training else 'eval'}"
        more = {"protocol": "neuron_online", "training": training, "through": not training, "facts": True}
        yield _case(name, word, kwargs, _grid.drawn("uni"), **more)
    for name, dtype in itertools.product(("OTTTLIFNode", "SLTTLIFNode"), _DTYPES):
        more = {"protocol": "neuron_online", "dtype": dtype}
        yield _case(name, "tau=1.7-uni", {"tau": 1.7}, _grid.drawn("uni", dtype), **more)
    for name, source in itertools.product(
        ("OTTTLIFNode", "SLTTLIFNode"), ("nrm", "image", "wild", "empty", "loud")
    ):
        yield _case(name, source, {"tau": 1.7}, _grid.drawn(source), protocol="neuron_online")
    refused: tuple[dict[str, Any], ...] = (
        {"step_mode": "m"},
        {"tau": 1.0},
        {"tau": 2},
        {"v_reset": 1},
        {"detach_reset": 0},
    )
    for name, kwargs in itertools.product(("OTTTLIFNode", "SLTTLIFNode"), refused):
        yield _case(name, f"refuses-{_grid.text(kwargs)}", kwargs, _grid.drawn("uni"))
    run = ["run", "x"]
    scripts: dict[str, list[Any]] = {
        "sequence": [["set", "step_mode", "m"], ["attempt", ["run", "x", "sequence"]]],
        "reset": [run, ["call", "reset"], run],
        "mode": [run, ["train", False], run],
        "store_v_seq": [
            ["set", "store_v_seq", True],
            run,
            ["get", "v_seq"],
            ["call", "reset"],
            ["get", "v_seq"],
        ],
    }
    for what, script in scripts.items():
        states = [] if what == "sequence" else ["v"]
        yield _case("SLTTLIFNode", what, {"tau": 1.7}, _grid.drawn("uni"), script=script, states=states)
    yield _case("OTTTLIFNode", "sequence", {}, _grid.drawn("uni"), states=[], script=scripts["sequence"])


_RATE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("DSRIFNode", {"T": _T}),
    ("DSRIFNode", {"T": _T, "v_threshold": 1.3, "alpha": 0.4}),
    ("DSRIFNode", {"T": _T, "v_threshold": 1.3, "alpha": 1.0, "v_threshold_grad_scaling": 0.7}),
    ("DSRIFNode", {"T": _T, "v_threshold": 0.9, "v_threshold_training": False}),
    ("DSRLIFNode", {"T": _T}),
    ("DSRLIFNode", {"T": _T, "v_threshold": 0.4, "tau": 1.7, "delta_t": 0.3, "alpha": 0.5}),
    ("DSRLIFNode", {"T": _T, "v_threshold": 0.2, "v_threshold_grad_scaling": 0.7}),
    ("DSRLIFNode", {"T": _T, "v_threshold": 0.2, "v_threshold_training": False}),
)


def _rate() -> Iterator[Case]:
    for (name, kwargs), source, training in itertools.product(_RATE, ("uni", "nrm", "loud"), (True, False)):
        if source != "uni" and not training:
            continue
        word = f"{_grid.text(kwargs)}-{source}/{'train' if training else 'eval'}"
        more = {"drive": "sequence", "states": [], "training": training, "facts": True}
        yield _case(name, word, kwargs, _grid.drawn(source), **more)
    for name, dtype in itertools.product(("DSRIFNode", "DSRLIFNode"), _DTYPES):
        kwargs = {"T": _T, "v_threshold": 0.4, "alpha": 0.5}
        more = {"drive": "sequence", "states": [], "dtype": dtype}
        yield _case(name, f"{_grid.text(kwargs)}-uni", kwargs, _grid.drawn("uni", dtype), **more)
    for name in ("DSRIFNode", "DSRLIFNode"):
        sunk = {"drive": "sequence", "states": [], "gain": 0.0, "shift": -1.0}
        yield _case(name, "below-the-bound", {"T": _T}, _grid.drawn("uni"), **sunk)
        more = {"drive": "sequence", "states": []}
        yield _case(name, "other-T", {"T": 6}, _grid.drawn("uni"), **more)
        for kwargs in (
            {"v_threshold": 1},
            {"alpha": 0.0},
            {"alpha": 1},
            {"alpha": 1.5},
            {"T": 1.5},
            {"step_mode": "s"},
            {"v_threshold_lower_bound": 0.0},
            {"v_threshold": 0.001},
        ):
            yield _case(name, f"refuses-{_grid.text(kwargs)}", kwargs, _grid.drawn("uni"))
        script = [["set", "step_mode", "s"], ["attempt", ["run", "x", "sequence"]]]
        yield _case(name, "single", {"T": _T}, _grid.drawn("uni"), states=[], script=script)


def cases() -> Iterator[Case]:
    """Yield the cases, all of 2.0.0."""
    yield from _parallel()
    yield from _equations()
    yield from _gated()
    yield from _two_states()
    yield from _online()
    yield from _rate()
