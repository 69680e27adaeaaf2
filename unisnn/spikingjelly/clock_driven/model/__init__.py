"""Spiking networks from papers: PLIF-Net, spiking ResNet, SEW-ResNet and spiking VGG."""

from __future__ import annotations

__all__: list[str] = []
