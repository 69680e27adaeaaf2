"""BrainCog's programming interface (edition 0.2.7.19), served by unisnn's core.

Upstream paths are mirrored: ``braincog.base.node.node.LIFNode`` is
``unisnn.braincog.base.node.node.LIFNode``.
"""

from unisnn.braincog import base

__all__ = ["base"]
