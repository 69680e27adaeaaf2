"""The one error of conversions: it names the layer, the field and what is accepted."""

from __future__ import annotations

__all__ = ["ConversionError"]


class ConversionError(ValueError):
    """A model has no exact counterpart in the target library, or cannot be read.

    Args:
        layer: path and class of the layer, such as ``layer 3 (LIFNode)``; empty for the whole model.
        field: the field of the description that has no counterpart, such as ``reset.value=0.2``.
        reason: what the target library does instead, or what is accepted.

    The message reads ``layer 3 (LIFNode): field reset.value=0.2: braincog resets to 0 only``.
    """

    def __init__(self, layer: str, field: str, reason: str) -> None:
        self.layer, self.field, self.reason = layer, field, reason
        self.report: object = None
        head = f"{layer}: " if layer else ""
        named = f"field {field}: " if field else ""
        super().__init__(f"{head}{named}{reason}")

    def at(self, layer: str) -> ConversionError:
        """Return the same error with the layer filled in."""
        return ConversionError(layer, self.field, self.reason)

    def __reduce__(self) -> tuple[type[ConversionError], tuple[str, str, str]]:
        return ConversionError, (self.layer, self.field, self.reason)
