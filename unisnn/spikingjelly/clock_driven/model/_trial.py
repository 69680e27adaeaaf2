"""Every PLIF-Net once, small, on a random input."""

from __future__ import annotations

import torch

__all__ = ["test_models"]

_INPUTS: dict[str, tuple[int, ...]] = {
    "MNISTNet": (1, 28, 28),
    "FashionMNISTNet": (1, 28, 28),
    "NMNISTNet": (2, 34, 34),
    "CIFAR10Net": (3, 32, 32),
    "CIFAR10DVSNet": (2, 128, 128),
    "DVSGestureNet": (2, 128, 128),
}
_EVENTS = ("NMNISTNet", "CIFAR10DVSNet", "DVSGestureNet")


def test_models() -> None:
    """Build every net of this module with few channels, run it once and print the shape of its output.

    Equation::

        y = net(rand(2, C, H, W))                        the MultiStep nets on 4 time steps

    Shape: ``[2, classes]``, and ``[4, 2, classes]`` for the ``MultiStep`` nets.

    Source: ``clock_driven.model.parametric_lif_net.test_models``, SpikingJelly 0.0.0.0.14.
    """
    from unisnn.spikingjelly.clock_driven import neuron
    from unisnn.spikingjelly.clock_driven.model import parametric_lif_net as nets

    with torch.no_grad():
        for prefix, argument in (("", "single_step_neuron"), ("MultiStep", "multi_step_neuron")):
            plif = getattr(neuron, f"{prefix}ParametricLIFNode")
            for name, shape in _INPUTS.items():
                steps = (4,) if prefix and name in _EVENTS else ()
                net = getattr(nets, prefix + name)(channels=4, **{argument: plif})
                repeats = (4,) if prefix and not steps else ()
                print(net(torch.rand(*steps, 2, *shape), *repeats).shape)
