"""BrainCog's nodes: everything of :mod:`unisnn.braincog.base.node.node`, as upstream re-exports it."""

from unisnn.braincog.base.node import node as _node
from unisnn.braincog.base.node.node import *  # noqa: F403

__all__ = _node.__all__
__getattr__ = _node.__getattr__
