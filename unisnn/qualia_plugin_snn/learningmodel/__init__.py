"""Qualia's learning models, by framework."""

from unisnn.qualia_plugin_snn.learningmodel import pytorch

__all__ = ["pytorch"]
