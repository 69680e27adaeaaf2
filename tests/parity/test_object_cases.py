"""Objects: no class without a case, and classes that upstream cannot make behave like their neighbours."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from unisnn.parity.case import Case
from unisnn.parity.cases import objects
from unisnn.parity.library import Library
from unisnn.parity.outputs import Outputs
from unisnn.parity.protocols import load

INVENTORY = Path(__file__).parents[2] / "compat_matrix" / "inventory"
PARTS = (
    "base",
    "neuron",
    "layer",
    "rnn",
    "surrogate",
    "encoding",
    "learning",
    "monitor",
    "spike_op",
    "ann2snn",
)

RELU = {"$torch": "nn.ReLU"}
OURS: dict[str, tuple[tuple[Any, ...], list[int]]] = {
    "activation_based.neuron.LIAFNode": ((RELU, True), [3, 6]),
    "activation_based.layer.TemporalWiseAttention": ((4, 2), [4, 3, 2, 4, 4]),
    "activation_based.layer.MultiDimensionalAttention": ((4, 4, 2, 2), [4, 3, 4, 4, 4]),
    "clock_driven.neuron.AdaptiveBaseNode": ((), []),
    "clock_driven.neuron.MultiStepGeneralNode": ((-0.3, 0.7, 0.1), [4, 3, 6]),
}
"""Classes that upstream cannot construct or that are no modules there: arguments, shape of an input."""

WATCHES_A_GPU = "activation_based.monitor.GPUMonitor"


@pytest.mark.parametrize("edition", ["spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"])
def test_every_class_has_a_case(edition: str) -> None:
    listed = json.loads((INVENTORY / f"{edition}.json").read_text())["modules"]
    cased = {case.symbol for case in objects.cases() if case.edition == edition}
    missing = []
    for module, names in listed.items():
        package, _, part = module.partition(".")
        if package not in ("activation_based", "clock_driven") or part not in PARTS:
            continue
        ours = importlib.import_module(f"unisnn.spikingjelly.{module}")
        for name, entry in names.items():
            cls = getattr(ours, name) if entry["kind"] == "class" and name in ours.__all__ else None
            path = f"{module}.{name}"
            if inspect.isclass(cls) and not issubclass(cls, torch.autograd.Function) and path not in cased:
                missing.append(path)
    assert set(missing) <= {*OURS, WATCHES_A_GPU}


@pytest.mark.parametrize("symbol", OURS)
def test_an_object_lives_where_upstream_has_none(symbol: str) -> None:
    args, shape = OURS[symbol]
    inputs = {"x": {"kind": "uniform", "seed": 1, "shape": shape}} if shape else {}
    case = Case("an-id", "none", "object", symbol, "object", args=args, inputs=inputs)
    out = Outputs()
    load()["object"](case, Library("unisnn.spikingjelly"), out)
    expected = ("memory.", "setters.", "copies.attached")
    assert [f"{name}: {each}" for name, each in out.failures.items() if not name.startswith(expected)] == []
    assert out.facts["pickled.type"] is True
    assert out.facts["replica.type/1"] is False
    if shape:
        for name in ("pickled.next.y", "replica.original.next.y", "copies.copy.y"):
            assert torch.equal(out.tensors[name], out.tensors["life.1.y"])
