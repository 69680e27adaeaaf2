"""BrainCog's building blocks: nodes and strategies."""

from unisnn.braincog.base import node, strategy
from unisnn.core import absent as _absent

__all__ = ["node", "strategy"]

__getattr__ = _absent.serve(
    __name__,
    {
        "brainarea": "brain area models are not reproduced yet",
        "connection": "custom connections are not reproduced yet",
        "conversion": "the ANN-to-SNN converter is not reproduced yet",
        "encoder": "input encoders are not reproduced yet",
        "learningrule": "learning rules are not reproduced yet",
        "utils": "losses and plots are not reproduced yet",
    },
)
