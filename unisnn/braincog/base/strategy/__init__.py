"""BrainCog's strategies: surrogate gradients and lateral inhibition, one module each."""

from unisnn.braincog.base.strategy import LateralInhibition, surrogate

__all__ = ["LateralInhibition", "surrogate"]
