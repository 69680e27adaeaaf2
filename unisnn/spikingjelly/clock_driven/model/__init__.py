"""Networks of ``clock_driven``, a module each."""

from __future__ import annotations

__all__: list[str] = []
