"""Qualia's SNN plugin (edition 2.6.0): its neurons with a trained threshold, served by unisnn's core.

Upstream paths are mirrored; what is served so far is
:mod:`unisnn.qualia_plugin_snn.learningmodel.pytorch.layers.CustomNode`.
"""

from unisnn.qualia_plugin_snn import learningmodel

__all__ = ["learningmodel"]
