"""Learning without gradients: STDP, and STDP that a reward modulates, as functions and as learners.

A learner watches a synapse and the neurons behind it while the network runs; ``step`` then turns what it
saw into the weight's gradient, so that any optimiser of torch makes the change::

    weight.grad <- weight.grad - dw                  so that SGD adds lr*dw to the weight

The numbers are those of SpikingJelly 0.0.0.0.14; the equations live in :mod:`unisnn.core.plasticity`.
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.learning._functions import (
    mstdp_linear_single_step,
    mstdpet_linear_single_step,
    stdp_conv1d_single_step,
    stdp_conv2d_single_step,
    stdp_linear_single_step,
    stdp_multi_step,
)
from unisnn.spikingjelly.activation_based.learning._learners import (
    MSTDPETLearner,
    MSTDPLearner,
    STDPLearner,
)

__all__ = [
    "MSTDPETLearner",
    "MSTDPLearner",
    "STDPLearner",
    "mstdp_linear_single_step",
    "mstdpet_linear_single_step",
    "stdp_conv1d_single_step",
    "stdp_conv2d_single_step",
    "stdp_linear_single_step",
    "stdp_multi_step",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # a pickle names the path that upstream has too
