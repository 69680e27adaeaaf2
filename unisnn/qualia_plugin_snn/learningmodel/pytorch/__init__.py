"""Qualia's PyTorch models."""

from unisnn.qualia_plugin_snn.learningmodel.pytorch import layers

__all__ = ["layers"]
