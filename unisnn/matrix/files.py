"""Reading and writing ``compat_matrix/``: deterministic text, one symbol a line where that helps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from unisnn.matrix import scope as _scope

__all__ = [
    "FOLDER",
    "inventory_path",
    "inventory_text",
    "read_inventory",
    "read_rows",
    "row_text",
    "rows_path",
    "schema",
    "unknown_files",
    "write",
]

FOLDER = "compat_matrix"
"""The folder of the matrix in the repository."""


def inventory_path(root: Path, edition: str) -> Path:
    """Return where the inventory of ``edition`` lies below the repository ``root``."""
    return root / FOLDER / "inventory" / f"{edition}.json"


def rows_path(root: Path, library: str, module: str) -> Path:
    """Return where the rows of a module lie below the repository ``root``."""
    return root / FOLDER / library / f"{module}.json"


def read_inventory(root: Path, edition: str) -> dict[str, Any]:
    """Return the stored inventory of ``edition``; ``FileNotFoundError`` where there is none."""
    data: dict[str, Any] = json.loads(inventory_path(root, edition).read_text(encoding="utf-8"))
    return data


def read_rows(root: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every stored row file, keyed by library and module."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for library in sorted({each.library for each in _scope.SCOPES}):
        for path in sorted((root / FOLDER / library).glob("*.json")):
            found[library, path.stem] = json.loads(path.read_text(encoding="utf-8"))
    return found


def inventory_text(inventory: dict[str, Any]) -> str:
    """Return an inventory as JSON text with one name a line."""
    modules = []
    for module, names in sorted(inventory["modules"].items()):
        lines = [f"    {_line(name)}: {_line(entry)}" for name, entry in sorted(names.items())]
        modules.append(f"  {_line(module)}: {{\n" + ",\n".join(lines) + "\n  }")
    head = "".join(f" {_line(key)}: {_line(inventory[key])},\n" for key in ("edition", "library", "source"))
    return "{\n" + head + ' "modules": {\n' + ",\n".join(modules) + "\n }\n}\n"


def row_text(document: dict[str, Any]) -> str:
    """Return a row file as JSON text, rows indented."""
    return json.dumps(document, indent=1, sort_keys=False, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema that every row file satisfies."""
    text = {"type": "string"}
    count = {"type": "integer", "minimum": 0}
    exceptions = {"type": "object", "additionalProperties": text}
    evidence = {
        "type": "object",
        "required": ["cases", "exact", "close", "deviates", "max_ulp", "dtypes", "ids", "torch"],
        "properties": {
            "cases": count,
            "exact": count,
            "close": count,
            "deviates": count,
            "max_ulp": {"type": ["number", "null"]},
            "dtypes": {"type": "array", "items": text},
            "ids": {"type": "array", "items": text},
            "torch": text,
        },
        "additionalProperties": False,
    }
    row = {
        "type": "object",
        "required": ["symbol", "edition", "kind", "status", "notes", "parameters", "methods", "evidence"],
        "properties": {
            "symbol": text,
            "edition": {"enum": [each.edition for each in _scope.SCOPES]},
            "kind": {"enum": ["class", "function", "constant"]},
            "status": {"enum": ["exact", "close", "deviates", "partial", "absent"]},
            "notes": text,
            "parameters": exceptions,
            "methods": exceptions,
            "evidence": evidence,
        },
        "additionalProperties": False,
        "if": {"properties": {"status": {"const": "exact"}}},
        "else": {"properties": {"notes": {"minLength": 1}}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rows of the compatibility matrix: one upstream module",
        "type": "object",
        "required": ["library", "module", "namespace", "rows"],
        "properties": {
            "library": text,
            "module": text,
            "namespace": text,
            "rows": {"type": "array", "items": row},
        },
        "additionalProperties": False,
    }


def write(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, creating folders, leaving an equal file untouched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def unknown_files(root: Path, expected: Iterable[Path]) -> list[Path]:
    """Return files below ``compat_matrix/`` that nothing generates."""
    known = set(expected)
    return sorted(path for path in (root / FOLDER).rglob("*") if path.is_file() and path not in known)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
