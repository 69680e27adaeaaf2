"""Of the names that old code uses, at most one in twenty is absent.

The share is computed as the matrix computes it: the names that the oracle's modules define, against the
markers that unisnn serves. Where an oracle is not in the cache its stored inventory is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from unisnn.matrix import files, inventory, rows, scope
from unisnn.parity import oracle

ROOT = Path(__file__).resolve().parents[2]
EDITIONS = ("spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12")
COUNTED = ("base", "neuron", "surrogate", "layer", "functional", "encoding", "monitor", "learning", "rnn")
MOST = 0.05


def counted(module: str) -> bool:
    """Whether the limit holds for the names of ``module``."""
    package, _, rest = module.partition(".")
    return package == "clock_driven" or (package == "activation_based" and rest in COUNTED)


def absent_names(each: scope.Scope, modules: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return the counted names that unisnn lacks, and how many there are."""
    names = [
        f"{module}:{name}" for module in each.modules if counted(module) for name in modules.get(module, ())
    ]
    lacking = [name for name in names if rows._ours(each, *name.split(":"))[0] is not None]
    return lacking, len(names)


def scope_of(edition: str) -> scope.Scope:
    (found,) = (each for each in scope.SCOPES if each.edition == edition)
    return found


@pytest.mark.parametrize("edition", EDITIONS)
def test_at_most_five_percent_of_the_stored_names_are_absent(edition: str) -> None:
    modules = files.read_inventory(ROOT, edition)["modules"]
    lacking, total = absent_names(scope_of(edition), modules)
    assert total >= 100
    assert len(lacking) <= MOST * total, lacking


@pytest.mark.oracle
@pytest.mark.parametrize("edition", EDITIONS)
def test_at_most_five_percent_of_the_oracles_names_are_absent(edition: str) -> None:
    if not oracle.installed(edition):
        oracle.install(edition)
    modules = inventory.read_oracle(edition)["modules"]
    assert {module for module in scope_of(edition).modules if counted(module)} <= set(modules)
    lacking, total = absent_names(scope_of(edition), modules)
    assert len(lacking) <= MOST * total, json.dumps(lacking)


def test_the_count_sees_what_is_absent() -> None:
    each = scope_of("spikingjelly==0.0.0.0.14")
    made = {"clock_driven.neuron_kernel": {"MultiStepIFNodePTT": {}}, "clock_driven.neuron": {"IFNode": {}}}
    made["activation_based.lava_exchange"] = {"Unheard": {}}
    assert absent_names(each, made) == (["clock_driven.neuron_kernel:MultiStepIFNodePTT"], 2)
