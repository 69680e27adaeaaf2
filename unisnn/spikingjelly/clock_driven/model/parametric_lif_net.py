"""PLIF-Net: the networks with which parametric LIF neurons were introduced.

A net is a chain; ``{a}k`` repeats ``a`` k times, ``conv`` is a 3x3 convolution::

    conv-BN-neuron [-maxpool]   ...   flatten - dropout-linear-neuron - dropout-linear-neuron - vote

The last neurons vote in groups of ten. A class whose name begins with ``MultiStep`` takes all time steps in
one call. The architecture is that of Fang et al., "Incorporating Learnable Membrane Time Constant to Enhance
Learning of Spiking Neural Networks", ICCV 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from unisnn.spikingjelly._networks import plif
from unisnn.spikingjelly.clock_driven.model import _plif
from unisnn.spikingjelly.clock_driven.model._plif import VotingLayer
from unisnn.spikingjelly.clock_driven.model._trial import test_models

__all__ = [
    "CIFAR10DVSNet",
    "CIFAR10Net",
    "DVSGestureNet",
    "FashionMNISTNet",
    "MNISTNet",
    "MultiStepCIFAR10DVSNet",
    "MultiStepCIFAR10Net",
    "MultiStepDVSGestureNet",
    "MultiStepFashionMNISTNet",
    "MultiStepMNISTNet",
    "MultiStepNMNISTNet",
    "NMNISTNet",
    "VotingLayer",
    "test_models",
]

VotingLayer.__module__ = __name__  # a pickle names the path that upstream has too


def _for_events(net: _plif.Net, channels: int) -> None:
    """Make the net for MNIST one for N-MNIST: two polarities and 34x34 pixels."""
    net._again("conv1", nn.Conv2d(2, channels, kernel_size=3, padding=1, bias=False))
    net._again("fc3", nn.Linear(channels * 8 * 8, 2048))


class MNISTNet(_plif.Net):
    """The net for MNIST, one time step a call.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 1, 28, 28] -> [N, 10]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MNISTNet``, SpikingJelly 0.0.0.0.14.
    """

    _plan = plif.MNIST

    def __init__(
        self, channels: int = 128, single_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._assemble(channels, single_step_neuron, kwargs)


class FashionMNISTNet(MNISTNet):
    """The net for Fashion-MNIST, the same as for MNIST.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 1, 28, 28] -> [N, 10]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.FashionMNISTNet``, SpikingJelly 0.0.0.0.14.
    """


class NMNISTNet(MNISTNet):
    """The net for N-MNIST: two polarities, 34x34 pixels.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 2, 34, 34] -> [N, 10]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.NMNISTNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, single_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, single_step_neuron, **kwargs)
        _for_events(self, channels)


class CIFAR10Net(_plif.Net):
    """The net for CIFAR-10, one time step a call.

    Equation::

        {{conv-BN-neuron}3-maxpool}2 - flatten
            - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 256).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 3, 32, 32] -> [N, 10]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.CIFAR10Net``, SpikingJelly 0.0.0.0.14.
    """

    _plan = plif.CIFAR10

    def __init__(
        self, channels: int = 256, single_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._assemble(channels, single_step_neuron, kwargs)


class CIFAR10DVSNet(_plif.Net):
    """The net for CIFAR10-DVS, one time step a call; its convolutions have a bias.

    Equation::

        {conv-BN-neuron-maxpool}4 - flatten - dropout-linear(512)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 2, 128, 128] -> [N, 10]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.CIFAR10DVSNet``, SpikingJelly 0.0.0.0.14.
    """

    _plan = plif.CIFAR10_DVS
    _bias = True

    def __init__(
        self, channels: int = 128, single_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._assemble(channels, single_step_neuron, kwargs)


class DVSGestureNet(_plif.Net):
    """The net for DVS128 Gesture, one time step a call; its convolutions have a bias.

    Equation::

        {conv-BN-neuron-maxpool}5 - flatten - dropout-linear(512)-neuron - dropout-linear(110)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 2, 128, 128] -> [N, 11]``.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.DVSGestureNet``, SpikingJelly 0.0.0.0.14.
    """

    _plan = plif.DVS_GESTURE
    _bias = True

    def __init__(
        self, channels: int = 128, single_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._assemble(channels, single_step_neuron, kwargs)


class MultiStepMNISTNet(_plif.AllSteps, MNISTNet):
    """The net for MNIST, all time steps in one call.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    A call is ``net(x, T)``: the image is shown in each of ``T`` steps.

    Args:
        channels: of the convolutions (default 128).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[N, 1, 28, 28] -> [T, N, 10]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MultiStepMNISTNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, multi_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, multi_step_neuron, **kwargs)

    def forward(self, x: Tensor, T: int) -> Tensor:  # type: ignore[override]
        """Return the votes for an image that is shown ``T`` times; it is convolved once."""
        return self._shown(x, T)


class MultiStepFashionMNISTNet(MultiStepMNISTNet):
    """The net for Fashion-MNIST, all time steps in one call; the same as for MNIST.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    A call is ``net(x, T)``: the image is shown in each of ``T`` steps.

    Args:
        channels: of the convolutions (default 128).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[N, 1, 28, 28] -> [T, N, 10]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MultiStepFashionMNISTNet``, SpikingJelly 0.0.0.0.14.
    """


class MultiStepNMNISTNet(MultiStepMNISTNet):
    """The net for N-MNIST, all time steps in one call.

    Equation::

        {conv-BN-neuron-maxpool}2 - flatten - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, 2, 34, 34] -> [T, N, 10]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MultiStepNMNISTNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, multi_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, multi_step_neuron, **kwargs)
        _for_events(self, channels)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Return the votes of all time steps."""
        return self._walk(x, self._plan.names())


class MultiStepCIFAR10Net(_plif.AllSteps, CIFAR10Net):
    """The net for CIFAR-10, all time steps in one call.

    Equation::

        {{conv-BN-neuron}3-maxpool}2 - flatten
            - dropout-linear(2048)-neuron - dropout-linear(100)-neuron - vote

    A call is ``net(x, T)``: the image is shown in each of ``T`` steps.

    Args:
        channels: of the convolutions (default 256).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[N, 3, 32, 32] -> [T, N, 10]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MultiStepCIFAR10Net``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 256, multi_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, multi_step_neuron, **kwargs)

    def forward(self, x: Tensor, T: int) -> Tensor:  # type: ignore[override]
        """Return the votes for an image that is shown ``T`` times; it is convolved once."""
        return self._shown(x, T)


class MultiStepCIFAR10DVSNet(_plif.AllSteps, CIFAR10DVSNet):
    """The net for CIFAR10-DVS, all time steps in one call; its convolutions have a bias.

    Equation::

        {conv-BN-neuron-maxpool}4 - flatten - dropout-linear(512)-neuron - dropout-linear(100)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, 2, 128, 128] -> [T, N, 10]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MultiStepCIFAR10DVSNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, multi_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, multi_step_neuron, **kwargs)


class MultiStepDVSGestureNet(_plif.AllSteps, DVSGestureNet):
    """The net for DVS128 Gesture, all time steps in one call; its convolutions have a bias.

    Equation::

        {conv-BN-neuron-maxpool}5 - flatten - dropout-linear(512)-neuron - dropout-linear(110)-neuron - vote

    Args:
        channels: of the convolutions (default 128).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, 2, 128, 128] -> [T, N, 11]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.

    Source: ``clock_driven.model.parametric_lif_net.MultiStepDVSGestureNet``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(
        self, channels: int = 128, multi_step_neuron: Callable[..., Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(channels, multi_step_neuron, **kwargs)
