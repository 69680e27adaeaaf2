"""From SpikingJelly to Lynxi chips: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "it needs the packages of Lynxi's chips (lyngor, lynpy); "
    "the neurons of activation_based run on every device of torch"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "BaseNode": _REASON,
        "IFNode": _REASON,
        "LIFNode": _REASON,
        "to_lynxi_supported_module": _REASON,
        "to_lynxi_supported_modules": _REASON,
    },
)
