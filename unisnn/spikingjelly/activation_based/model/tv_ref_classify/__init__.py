"""Upstream's copy of torchvision's reference training code; the modules import, their names say why."""

from __future__ import annotations

__all__: list[str] = []
