"""The converter's helper that downloads."""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.ann2snn.utils import download_url

__all__ = ["download_url"]
