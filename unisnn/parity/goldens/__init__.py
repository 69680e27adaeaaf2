"""Recorded goldens: upstream outputs of editions that no index serves.

Each record is a case with the outputs that upstream gave, in ``NAME.json`` (cases) and ``NAME.npz``
(arrays; read without pickle). The cases run on unisnn's side like any other and are compared with the
recorded outputs.
"""

from __future__ import annotations

from unisnn.parity.goldens.store import array, cases, is_recorded, names_recorded, recorded

__all__ = ["array", "cases", "is_recorded", "names_recorded", "recorded"]
