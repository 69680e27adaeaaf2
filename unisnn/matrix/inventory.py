"""Inventories: every public name of an edition's modules, read from the oracle by introspection.

``python -m unisnn.matrix.inventory EDITION OUT.json`` is what runs in the oracle's own process (upstream's
folder first on the path, stand-ins for what its packages import needlessly). The calling process never
imports upstream.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from unisnn.matrix import files as _files
from unisnn.matrix import introspect as _introspect
from unisnn.matrix import scope as _scope

__all__ = ["collect", "main", "outdated", "read_oracle"]


def collect(root: Path, *, refresh: bool) -> dict[str, dict[str, Any]]:
    """Return the inventory of every edition.

    Args:
        root: the repository root, where inventories are stored.
        refresh: read those again whose oracle is in the cache; the others, and those made from
            documents, are taken as stored.

    Raises:
        FileNotFoundError: an inventory is neither stored nor can it be read.
    """
    from unisnn.parity import oracle

    found: dict[str, dict[str, Any]] = {}
    for scope in _scope.SCOPES:
        if refresh and scope.source == "oracle" and oracle.installed(scope.edition):
            found[scope.edition] = read_oracle(scope.edition)
        else:
            found[scope.edition] = _files.read_inventory(root, scope.edition)
    return found


def outdated(root: Path) -> list[str]:
    """Return which stored inventories are not what their oracles say (those in the cache are asked)."""
    fresh = collect(root, refresh=True)
    return [
        f"compat_matrix/inventory/{edition}.json is not what the oracle says"
        for edition, inventory in fresh.items()
        if inventory != _files.read_inventory(root, edition)
    ]


def read_oracle(edition: str) -> dict[str, Any]:
    """Return the inventory of an edition whose oracle is in the cache.

    Raises:
        RuntimeError: the process that reads it failed; the message holds the end of what it printed.
    """
    from unisnn.parity import oracle

    with tempfile.TemporaryDirectory(prefix="unisnn-matrix-") as scratch:
        out = Path(scratch, "inventory.json")
        done = subprocess.run(
            [sys.executable, "-m", "unisnn.matrix.inventory", edition, str(out)],
            env=oracle.environment(edition, genuine=True),
            cwd=scratch,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{edition}: its inventory cannot be read:\n{done.stderr[-2000:]}")
        inventory: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return inventory


def main(arguments: list[str]) -> int:
    """Write the inventory of the genuine library in this process: ``EDITION OUT.json``."""
    from unisnn.parity import stubs
    from unisnn.parity.editions import edition as entry_of

    (scope,) = (each for each in _scope.SCOPES if each.edition == arguments[0])
    entry = entry_of(scope.edition)
    stubs.install(entry.stubs, entry.bare_packages)
    modules = {
        path: _introspect.describe_module(importlib.import_module(f"{scope.root}.{path}"), scope.root)
        for path in scope.modules
    }
    document = {
        "edition": scope.edition,
        "library": scope.library,
        "source": "introspection of the oracle",
        "modules": modules,
    }
    Path(arguments[1]).write_text(json.dumps(document), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
