"""Data sets; empty, as ``snngrow.datasets`` is in SNNGrow 0.1.1a1."""

__all__: list[str] = []
