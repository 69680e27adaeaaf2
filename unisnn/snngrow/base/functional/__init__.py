"""Functions; empty, as ``snngrow.base.functional`` is in SNNGrow 0.1.1a1."""

__all__: list[str] = []
