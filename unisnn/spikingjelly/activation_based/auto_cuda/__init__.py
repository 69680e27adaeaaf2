"""CUDA kernels written by a program: the modules import, their names raise on use."""

from __future__ import annotations

__all__: list[str] = []
