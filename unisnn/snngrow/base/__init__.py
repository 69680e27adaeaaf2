"""SNNGrow's building blocks: ``neuron``, ``nn``, ``surrogate``, ``spiketensor``, ``utils``."""

from unisnn.snngrow.base import neuron, nn, spiketensor, surrogate, utils

__all__ = ["neuron", "nn", "spiketensor", "surrogate", "utils"]
