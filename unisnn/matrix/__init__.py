"""The compatibility matrix: per upstream name what unisnn gives, computed from a parity run.

``compat_matrix/`` in the repository holds, all generated::

    editions.json                 the editions and the modules in scope
    schema.json                   the JSON schema of the row files
    inventory/<edition>.json      every public name upstream: signature, methods
    <library>/<module>.json       rows: status, notes, exceptions, evidence
    MATRIX.md                     all rows as tables

Two functions are the face: :func:`generate` writes them, :func:`check` says what is out of date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unisnn.matrix import files as _files
from unisnn.matrix import inventory as _inventory
from unisnn.matrix import render as _render
from unisnn.matrix import rows as _rows
from unisnn.matrix import scope as _scope
from unisnn.parity import deviations as _deviations
from unisnn.parity import editions as _editions

__all__ = ["check", "generate"]


def generate(report: Mapping[str, Any], root: str | Path) -> list[Path]:
    """Write ``compat_matrix/`` and the README's summary from a parity report.

    Args:
        report: the data of ``unisnn parity --json``, from a run over all editions and cases.
        root: the repository root (the folder that holds ``README.md``).

    Returns:
        the files of the matrix, the README last.

    Raises:
        FileNotFoundError: an inventory is neither stored nor readable from an installed oracle.
        ValueError: the README lacks the markers.
    """
    root = Path(root)
    written: list[Path] = []
    for path, text in _everything(report, root, refresh=True).items():
        _files.write(path, text)
        written.append(path)
    return written


def check(report: Mapping[str, Any], root: str | Path) -> list[str]:
    """Return what is wrong with the stored matrix, one sentence each (empty: nothing).

    A stored status that a run does not give, a name of an inventory without a row, a row without
    its notes, a signature that changed, a file that nothing generates, a name that the namespace
    lacks without the absent marker, and tables that do not match the rows are all reported.
    ``max_ulp`` and the torch version are measured numbers that differ between processors and
    installations: they are not compared, nor whether a case is exact or within a bound that not
    every processor needs.

    Args:
        report: the data of ``unisnn parity --json``, from a run over all editions and cases.
        root: the repository root.
    """
    root = Path(root)
    said: list[str] = _missing_inventories(root)
    if said:
        return said
    said += _inventory.outdated(root)
    inventories = {each.edition: _files.read_inventory(root, each.edition) for each in _scope.SCOPES}
    computed = _rows.documents(report, inventories)
    stored = _files.read_rows(root)
    optional = tuple(entry.reason for entry in _deviations.load().entries if entry.optional)
    for document in computed:
        key = (document["library"], document["module"])
        said += _compare(document, stored.pop(key, None), optional)
        said += [f"{document['namespace']}: {name} has no marker" for name in _rows.unmarked(document)]
    said += [f"compat_matrix/{library}/{module}.json: nothing generates it" for library, module in stored]
    return said + _rendered(report, root) + _invalid(report, root)


def _everything(report: Mapping[str, Any], root: Path, *, refresh: bool) -> dict[Path, str]:
    """Return every file of the matrix with its text, inventories read from oracles at hand."""
    folder = root / _files.FOLDER
    inventories = _inventory.collect(root, refresh=refresh)
    documents = _rows.documents(report, inventories)
    texts = {folder / "editions.json": json.dumps(_scope.editions_document(report), indent=1) + "\n"}
    texts[folder / "schema.json"] = json.dumps(_files.schema(), indent=1) + "\n"
    for edition, inventory in inventories.items():
        texts[_files.inventory_path(root, edition)] = _files.inventory_text(inventory)
    for document in documents:
        path = _files.rows_path(root, document["library"], document["module"])
        texts[path] = _files.row_text(document)
    editions = _scope.editions_document(report)
    texts[folder / "MATRIX.md"] = _render.markdown(documents, editions)
    readme = root / "README.md"
    texts[readme] = _render.insert(readme.read_text(encoding="utf-8"), _render.summary(documents, editions))
    return texts


def _missing_inventories(root: Path) -> list[str]:
    return [
        f"compat_matrix/inventory/{scope.edition}.json is missing"
        for scope in _scope.SCOPES
        if not _files.inventory_path(root, scope.edition).exists()
    ]


def _compare(
    computed: Mapping[str, Any], stored: Mapping[str, Any] | None, optional: tuple[str, ...]
) -> list[str]:
    """Return the differences between a computed row file and the stored one.

    ``optional`` gives the reasons of the bounds that not every processor needs.
    """
    where = f"compat_matrix/{computed['library']}/{computed['module']}.json"
    if stored is None:
        return [f"{where} is missing"]
    said: list[str] = []
    rows = {(row["symbol"], row["edition"]): row for row in stored["rows"]}
    for row in computed["rows"]:
        name = f"{where}: {row['symbol']} ({row['edition']})"
        have = rows.pop((row["symbol"], row["edition"]), None)
        if have is None:
            said.append(f"{name} has no row")
            continue
        row, have = _on_any_processor(row, optional), _on_any_processor(have, optional)
        if have["status"] != "exact" and not have["notes"].strip():
            said.append(f"{name} is {have['status']!r} without notes")
        for key in ("kind", "status", "notes", "parameters", "methods"):
            if have[key] != row[key]:
                said.append(f"{name}: {key} is {have[key]!r}, a run gives {row[key]!r}")
        for key in ("cases", "exact", "close", "deviates", "dtypes", "ids"):
            if have["evidence"].get(key) != row["evidence"][key]:
                said.append(
                    f"{name}: {key} is {have['evidence'].get(key)!r}, a run gives {row['evidence'][key]!r}"
                )
    said += [f"{where}: {symbol} ({edition}) is in no inventory" for symbol, edition in rows]
    return said


def _on_any_processor(row: Mapping[str, Any], optional: tuple[str, ...]) -> Mapping[str, Any]:
    """Return a row as it is on a processor that needs none of the bounds which only some need.

    Those are the ``optional`` ones, and any bound of gradients where the other side was recorded elsewhere.
    """
    evidence = row["evidence"]
    recorded = _editions.edition(row["edition"]).requirement is None
    for reason in (*optional, *((_rows.GRADIENTS,) if recorded else ())):
        clause = _rows.within(evidence, reason)
        if row["notes"].endswith(clause):
            notes = row["notes"].removesuffix(clause).removesuffix("; ")
            counts = {**evidence, "exact": evidence["exact"] + evidence["close"], "close": 0}
            status = "exact" if row["status"] == "close" else row["status"]
            return {**row, "status": status, "notes": notes, "evidence": counts}
    return row


def _rendered(report: Mapping[str, Any], root: Path) -> list[str]:
    """Return which of the tables do not match the stored rows."""
    documents = [document for _, document in sorted(_files.read_rows(root).items())]
    editions = _scope.editions_document(report)
    said: list[str] = []
    matrix = root / _files.FOLDER / "MATRIX.md"
    if not matrix.exists() or matrix.read_text(encoding="utf-8") != _render.markdown(documents, editions):
        said.append("compat_matrix/MATRIX.md does not match the rows")
    readme = (root / "README.md").read_text(encoding="utf-8")
    try:
        current = _render.insert(readme, _render.summary(documents, editions)) == readme
    except ValueError as error:
        return [*said, f"README.md: {error}"]
    return said if current else [*said, "README.md: the summary does not match the rows"]


def _invalid(report: Mapping[str, Any], root: Path) -> list[str]:
    """Return which stored files do not satisfy the schema, or are not generated."""
    import jsonschema

    said: list[str] = []
    validator = jsonschema.Draft202012Validator(_files.schema())
    for (library, module), document in _files.read_rows(root).items():
        for error in validator.iter_errors(document):
            said.append(f"compat_matrix/{library}/{module}.json: {error.json_path}: {error.message[:200]}")
    for name, data in (("editions", _scope.editions_document(report)), ("schema", _files.schema())):
        path = root / _files.FOLDER / f"{name}.json"
        if not path.exists() or json.loads(path.read_text(encoding="utf-8")) != data:
            said.append(f"compat_matrix/{name}.json is out of date")
    return said
