"""PLIF-Net: the networks with which parametric LIF neurons were introduced.

A net is a chain; ``{a}k`` repeats ``a`` k times, ``conv`` is a 3x3 convolution without bias::

    conv-BN-neuron [-maxpool]   ...   flatten - dropout-linear-neuron - dropout-linear-neuron - vote

The last neurons vote in groups of ten. The architecture is that of Fang et al., "Incorporating Learnable
Membrane Time Constant to Enhance Learning of Spiking Neural Networks", ICCV 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from unisnn.core import absent as _absent
from unisnn.spikingjelly._networks import build, plif
from unisnn.spikingjelly.activation_based import layer

__all__ = ["CIFAR10DVSNet", "CIFAR10Net", "DVSGestureNet", "FashionMNISTNet", "MNISTNet", "NMNISTNet"]

_KIT = build.Kit(layer)


class _Chain(nn.Module):
    def __init__(
        self,
        plan: plif.Plan,
        channels: int,
        spiking_neuron: Callable[..., Any] | None,
        kwargs: dict[str, Any],
    ) -> None:
        super().__init__()
        neuron = _KIT.neuron_maker(type(self).__name__, spiking_neuron, kwargs)
        parts: list[nn.Module] = []
        for name, part in plan.parts(_KIT, neuron, channels):
            if name == f"dp{plan.head()}":
                parts.append(layer.Flatten())
            parts.append(part)
        self.conv_fc = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        """Return the votes of one time step, or of all of them in step mode ``'m'``."""
        return self.conv_fc(x)


class MNISTNet(_Chain):
    """The net for MNIST.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 1, 28, 28] -> [N, 10]``, and with time in front in step mode ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.parametric_lif_net.MNISTNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, spiking_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(plif.MNIST, channels, spiking_neuron, kwargs)


class FashionMNISTNet(MNISTNet):
    """The net for Fashion-MNIST, the same as for MNIST.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels, spiking_neuron, kwargs: as for :class:`MNISTNet`.

    Shape: ``[N, 1, 28, 28] -> [N, 10]``, and with time in front in step mode ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.parametric_lif_net.FashionMNISTNet``, SpikingJelly 0.0.0.0.14.
    """


class NMNISTNet(MNISTNet):
    """The net for N-MNIST: two polarities, 34x34 pixels.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels, spiking_neuron, kwargs: as for :class:`MNISTNet`.

    Shape: ``[N, 2, 34, 34] -> [N, 10]``, and with time in front in step mode ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.parametric_lif_net.NMNISTNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, spiking_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, spiking_neuron, **kwargs)
        self.conv_fc[0] = layer.Conv2d(2, channels, kernel_size=3, padding=1, bias=False)
        self.conv_fc[10] = layer.Linear(channels * 8 * 8, 2048)


class CIFAR10Net(_Chain):
    """The net for CIFAR-10.

    Equation::

        {{conv-BN-neuron}3-maxpool}2 - flatten
            - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 256).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 3, 32, 32] -> [N, 10]``, and with time in front in step mode ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.parametric_lif_net.CIFAR10Net``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 256, spiking_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(plif.CIFAR10, channels, spiking_neuron, kwargs)


class CIFAR10DVSNet(_Chain):
    """The net for CIFAR10-DVS.

    Equation::

        {conv-BN-neuron-maxpool}4 - flatten - dropout-linear(512)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 2, 128, 128] -> [N, 10]``, and with time in front in step mode ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.parametric_lif_net.CIFAR10DVSNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, spiking_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(plif.CIFAR10_DVS, channels, spiking_neuron, kwargs)


class DVSGestureNet(_Chain):
    """The net for DVS128 Gesture.

    Equation::

        {conv-BN-neuron-maxpool}5 - flatten - dropout-linear(512)-neuron - dropout-linear(110)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        spiking_neuron: class of the neurons.
        kwargs: for ``spiking_neuron``, copied for each of them.

    Shape: ``[N, 2, 128, 128] -> [N, 11]``, and with time in front in step mode ``'m'``.

    Raises:
        TypeError: ``spiking_neuron`` cannot be called.

    Source: ``model.parametric_lif_net.DVSGestureNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, spiking_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(plif.DVS_GESTURE, channels, spiking_neuron, kwargs)


__getattr__ = _absent.serve(
    __name__,
    {"test_models": "upstream's own trial of its nets; tests/spikingjelly/test_sj_model.py tries these"},
)
