"""Spiking neurons. Each name serves as the class and as the module that holds it."""

from unisnn.snngrow.base.neuron.BaseNode import BaseNode
from unisnn.snngrow.base.neuron.IFNode import IFNode
from unisnn.snngrow.base.neuron.LIFNode import LIFNode

__all__ = ["BaseNode", "IFNode", "LIFNode"]
