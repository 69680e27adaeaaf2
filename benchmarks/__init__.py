"""Ratios of unisnn's time to upstream's: ``python -m benchmarks``."""

__all__: list[str] = []
