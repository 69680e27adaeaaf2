"""Qualia's PyTorch layers: the spiking neurons of :mod:`CustomNode`."""

from unisnn.qualia_plugin_snn.learningmodel.pytorch.layers import CustomNode

__all__ = ["CustomNode"]
