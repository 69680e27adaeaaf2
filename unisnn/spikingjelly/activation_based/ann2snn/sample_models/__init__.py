"""Networks of upstream's conversion examples; their modules import, their names are absent."""

from __future__ import annotations

__all__: list[str] = []
