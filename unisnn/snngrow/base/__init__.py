"""SNNGrow's building blocks: ``neuron``, ``surrogate``, ``spiketensor``, ``utils``."""

from unisnn.snngrow.base import neuron, spiketensor, surrogate, utils

__all__ = ["neuron", "spiketensor", "surrogate", "utils"]
