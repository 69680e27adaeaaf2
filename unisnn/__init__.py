"""unisnn: one core, every spiking-neural-network library's API."""

__version__ = "0.1.0"
