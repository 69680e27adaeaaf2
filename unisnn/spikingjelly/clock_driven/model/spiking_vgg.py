"""Spiking VGG: stacked 3x3 convolutions whose activations are neurons.

A function or class whose name begins with ``multi_step`` or ``MultiStep`` takes all time steps in one call::

    y    = net(x)                    x of shape [N, 3, H, W]
    y[t] = multi_step_net(x)[t]      x of shape [T, N, 3, H, W]
"""

from __future__ import annotations

from unisnn.spikingjelly._networks.vgg import CONFIGURATIONS as cfgs
from unisnn.spikingjelly._networks.vgg import MODEL_URLS as model_urls
from unisnn.spikingjelly.clock_driven.model._vgg import (
    MultiStepSpikingVGG,
    SpikingVGG,
    sequential_forward,
)
from unisnn.spikingjelly.clock_driven.model._vgg_builders import (
    multi_step_spiking_vgg11,
    multi_step_spiking_vgg11_bn,
    multi_step_spiking_vgg13,
    multi_step_spiking_vgg13_bn,
    multi_step_spiking_vgg16,
    multi_step_spiking_vgg16_bn,
    multi_step_spiking_vgg19,
    multi_step_spiking_vgg19_bn,
    spiking_vgg11,
    spiking_vgg11_bn,
    spiking_vgg13,
    spiking_vgg13_bn,
    spiking_vgg16,
    spiking_vgg16_bn,
    spiking_vgg19,
    spiking_vgg19_bn,
)

__all__ = [
    "MultiStepSpikingVGG",
    "SpikingVGG",
    "cfgs",
    "model_urls",
    "multi_step_spiking_vgg11",
    "multi_step_spiking_vgg11_bn",
    "multi_step_spiking_vgg13",
    "multi_step_spiking_vgg13_bn",
    "multi_step_spiking_vgg16",
    "multi_step_spiking_vgg16_bn",
    "multi_step_spiking_vgg19",
    "multi_step_spiking_vgg19_bn",
    "sequential_forward",
    "spiking_vgg11",
    "spiking_vgg11_bn",
    "spiking_vgg13",
    "spiking_vgg13_bn",
    "spiking_vgg16",
    "spiking_vgg16_bn",
    "spiking_vgg19",
    "spiking_vgg19_bn",
]

for _class in (MultiStepSpikingVGG, SpikingVGG):
    _class.__module__ = __name__  # a pickle names the path that upstream has too
