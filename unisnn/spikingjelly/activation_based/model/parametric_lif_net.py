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
from unisnn.spikingjelly.activation_based import layer
from unisnn.spikingjelly.activation_based.model import _build

__all__ = ["CIFAR10DVSNet", "CIFAR10Net", "DVSGestureNet", "FashionMNISTNet", "MNISTNet", "NMNISTNet"]


class _Chain(nn.Module):
    conv_fc: nn.Sequential

    def forward(self, x: Tensor) -> Tensor:
        """Return the votes of one time step, or of all of them in step mode ``'m'``."""
        return self.conv_fc(x)


def _chain(
    neuron: _build.NeuronMaker, planes: int, channels: int, stages: int, repeat: int, fc: tuple[int, int, int]
) -> nn.Sequential:
    """Return ``{{conv-BN-neuron}repeat-maxpool}stages`` and the voting classifier ``fc``."""
    parts: list[nn.Module] = []
    for _ in range(stages):
        for _ in range(repeat):
            parts += [
                layer.Conv2d(planes, channels, kernel_size=3, padding=1, bias=False),
                layer.BatchNorm2d(channels),
                neuron(),
            ]
            planes = channels
        parts.append(layer.MaxPool2d(2, 2))
    inputs, hidden, votes = fc
    parts += [
        layer.Flatten(),
        layer.Dropout(0.5),
        layer.Linear(inputs, hidden),
        neuron(),
        layer.Dropout(0.5),
        layer.Linear(hidden, votes),
        neuron(),
        layer.VotingLayer(10),
    ]
    return nn.Sequential(*parts)


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
        super().__init__()
        neuron = _build.neuron_maker(type(self).__name__, spiking_neuron, kwargs)
        self.conv_fc = _chain(neuron, 1, channels, 2, 1, (channels * 7 * 7, 2048, 100))


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
        super().__init__()
        neuron = _build.neuron_maker(type(self).__name__, spiking_neuron, kwargs)
        self.conv_fc = _chain(neuron, 3, channels, 2, 3, (channels * 8 * 8, 2048, 100))


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
        super().__init__()
        neuron = _build.neuron_maker(type(self).__name__, spiking_neuron, kwargs)
        self.conv_fc = _chain(neuron, 2, channels, 4, 1, (channels * 8 * 8, 512, 100))


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
        super().__init__()
        neuron = _build.neuron_maker(type(self).__name__, spiking_neuron, kwargs)
        self.conv_fc = _chain(neuron, 2, channels, 5, 1, (channels * 4 * 4, 512, 110))


__getattr__ = _absent.serve(
    __name__,
    {"test_models": "upstream's own trial of its nets; tests/spikingjelly/test_sj_model.py tries these"},
)
