"""The networks of ``spiking_vgg`` in ``clock_driven``: one time step a call, or all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from unisnn.spikingjelly._networks import build, vgg
from unisnn.spikingjelly.clock_driven import neuron as _neuron
from unisnn.spikingjelly.clock_driven.model import _steps

__all__ = ["MultiStepSpikingVGG", "SpikingVGG", "sequential_forward"]


def sequential_forward(sequential: Iterable[nn.Module], x_seq: Tensor) -> Tensor:
    """Run a sequence through stateless modules, with time folded into the batch, and through neurons.

    Equation::

        x = module(x)                            a neuron, which takes all steps
        x[t, n] = module(x.flatten(0, 1))[t*N + n]       any other module

    Args:
        sequential: the modules; neurons of a ``MultiStep`` class.
        x_seq: shape ``[T, N, *]``.

    Shape: ``[T, N, *] -> [T, N, *]``.

    Raises:
        ValueError: ``x_seq`` has fewer than two dimensions and meets a stateless module.

    Source: ``clock_driven.model.spiking_vgg.sequential_forward``, SpikingJelly 0.0.0.0.14.
    """
    for part in sequential:
        x_seq = part(x_seq) if isinstance(part, _neuron.BaseNode) else _steps.folded(x_seq, part)
    return x_seq


class SpikingVGG(nn.Module):
    """Convolutions and poolings, then three linear layers, with neurons for activations.

    Equation::

        y = classifier(flatten(avgpool(features(x))))

    With ``init_weights`` convolutions start from Kaiming's normal distribution (fan out) and linear layers
    from ``N(0, 0.01^2)``, both with bias 0, normalisations with weight 1 and bias 0.

    Args:
        cfg: stages, as in ``cfgs``; the last convolution must have 512 channels.
        batch_norm: whether each convolution is normalised (default False).
        norm_layer: makes a normalisation (default ``torch.nn.BatchNorm2d``).
        num_classes: default 1000.
        init_weights: default True.
        single_step_neuron: class of the neurons.
        kwargs: for ``single_step_neuron``; the neurons share them.

    Shape: ``[N, 3, H, W] -> [N, num_classes]``, one time step.

    Raises:
        TypeError: ``single_step_neuron`` cannot be called.

    Source: ``clock_driven.model.spiking_vgg.SpikingVGG``, SpikingJelly 0.0.0.0.14; Simonyan and Zisserman,
        "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015.
    """

    _kit: ClassVar[build.Kit] = _steps.ONE_STEP
    features: nn.Sequential
    classifier: nn.Sequential

    def __init__(
        self,
        cfg: Sequence[int | str],
        batch_norm: bool = False,
        norm_layer: Callable[[int], nn.Module] | None = None,
        num_classes: int = 1000,
        init_weights: bool = True,
        single_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        made = self._kit.neuron_maker(type(self).__name__, single_step_neuron, kwargs)
        self.features = self.make_layers(cfg, batch_norm, norm_layer, single_step_neuron, **kwargs)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = vgg.classifier(nn, num_classes, made)
        if init_weights:
            vgg.initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return the class scores of one time step."""
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))

    @staticmethod
    def make_layers(
        cfg: Sequence[int | str],
        batch_norm: bool = False,
        norm_layer: Callable[[int], nn.Module] | None = None,
        neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> nn.Sequential:
        """Return the convolutions, normalisations, neurons and poolings of ``cfg``."""
        made = _MAKE_LAYERS.neuron_maker("SpikingVGG.make_layers", neuron, kwargs)
        return vgg.features(nn, cfg, batch_norm, norm_layer, made)


_MAKE_LAYERS = build.Kit(nn, "neuron", copied=False)


class MultiStepSpikingVGG(SpikingVGG):
    """The VGG that takes all time steps in one call.

    Equation::

        x[t] = features[0](image)                t = 0...T-1, where the input has no time
        y = classifier(flatten(avgpool(features[1:](x))))

    Args:
        cfg, batch_norm, norm_layer, num_classes, init_weights: as for :class:`SpikingVGG`.
        T: number of steps in which an input without time is shown (default: none, it needs time).
        multi_step_neuron: class of the neurons, which take all steps.
        kwargs: for ``multi_step_neuron``; the neurons share them.

    Shape: ``[T, N, 3, H, W] -> [T, N, num_classes]``, and ``[N, 3, H, W] -> [T, N, num_classes]``.

    Raises:
        TypeError: ``multi_step_neuron`` cannot be called.
        AssertionError: at a call, an input without time and ``T`` is ``None``.

    Source: ``clock_driven.model.spiking_vgg.MultiStepSpikingVGG``, SpikingJelly 0.0.0.0.14.
    """

    _kit: ClassVar[build.Kit] = _steps.ALL_STEPS

    def __init__(
        self,
        cfg: Sequence[int | str],
        batch_norm: bool = False,
        norm_layer: Callable[[int], nn.Module] | None = None,
        num_classes: int = 1000,
        init_weights: bool = True,
        T: int | None = None,
        multi_step_neuron: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cfg, batch_norm, norm_layer, num_classes, init_weights, multi_step_neuron, **kwargs)
        self.T = T

    def forward(self, x: Tensor) -> Tensor:
        """Return the class scores of all time steps."""
        x = _steps.first_layers(type(self).__name__, x, self.T, self.features[0])
        x = _steps.folded(sequential_forward(list(self.features)[1:], x), self.avgpool)
        return sequential_forward(self.classifier, torch.flatten(x, 2))
