"""The converter's helper that downloads; not provided."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

__getattr__ = _absent.serve(
    __name__,
    {"download_url": "it fetches the weights of upstream's examples; use torch.hub.download_url_to_file"},
)
