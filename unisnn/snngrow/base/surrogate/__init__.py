"""Surrogate gradients. ``ATan`` and ``Sigmoid`` serve as the class and as the module that holds it."""

from unisnn.snngrow.base.surrogate import BaseFunction
from unisnn.snngrow.base.surrogate.ATan import ATan
from unisnn.snngrow.base.surrogate.Sigmoid import Sigmoid

__all__ = ["ATan", "BaseFunction", "Sigmoid"]
