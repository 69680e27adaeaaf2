"""Text of CUDA kernels, written by a program; what compiles and launches it with cupy raises on use."""

from __future__ import annotations

__all__: list[str] = []
