"""What every network is built with: layers, fresh neurons, ImageNet's weights."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["ImagenetWeights", "Kit", "NeuronMaker", "load_imagenet_weights", "one_after_the_other"]

NeuronMaker = Callable[[], Any]
"""A function that makes one neuron."""


@dataclass(frozen=True)
class Kit:
    """What a package builds its networks from.

    ``layers`` has the classes ``Conv2d``, ``BatchNorm2d``, ``Linear`` and so on as attributes; ``argument``
    is what the package calls the class of the neurons; ``copied`` says whether each neuron gets a deep copy
    of its arguments, or all of them the same objects.
    """

    layers: Any
    argument: str = "spiking_neuron"
    copied: bool = True

    def neuron_maker(
        self, owner: str, spiking_neuron: Callable[..., Any] | None, kwargs: dict[str, Any]
    ) -> NeuronMaker:
        """Return a function that makes a new neuron.

        Raises ``TypeError`` where ``spiking_neuron`` cannot be called.
        """
        if not callable(spiking_neuron):
            raise TypeError(
                f"{owner}: {self.argument}={spiking_neuron!r} is not accepted; expected a class of neurons "
                "such as neuron.IFNode, or a function that returns one"
            )
        made: Callable[..., Any] = spiking_neuron
        return lambda: made(**(copy.deepcopy(kwargs) if self.copied else kwargs))


class ImagenetWeights(Mapping[str, str]):
    """Where torchvision's first ImageNet weights of each network lie; torchvision is asked at the look-up.

    A look-up raises ``KeyError`` for an unknown network and ``RuntimeError`` where torchvision is missing.
    """

    def __init__(self, *names: str) -> None:
        self._names = names

    def __getitem__(self, name: str) -> str:
        if name not in self._names:
            raise KeyError(name)
        try:
            models = importlib.import_module("torchvision.models")
        except (ImportError, RuntimeError) as error:
            raise RuntimeError(
                f"pretrained weights of {name} are torchvision's, which cannot be imported ({error}); "
                "install torchvision, or pass pretrained=False"
            ) from error
        return str(models.get_model_weights(name)["IMAGENET1K_V1"].url)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def load_imagenet_weights(net: nn.Module, url: str, progress: bool) -> None:
    """Download the weights of the network without spikes and load them.

    The file is read with ``weights_only=True`` and checked against the hash in its name. A missing network
    raises ``RuntimeError`` that says what to do.
    """
    try:
        weights = torch.hub.load_state_dict_from_url(
            url, progress=progress, check_hash=True, weights_only=True
        )
    except OSError as error:
        raise RuntimeError(
            f"pretrained=True: {url} cannot be read ({error}); download the file elsewhere, pass "
            "pretrained=False, and load it with net.load_state_dict(torch.load(FILE, weights_only=True))"
        ) from error
    net.load_state_dict(weights)


def one_after_the_other(x: Tensor, *parts: Callable[[Tensor], Tensor]) -> Tensor:
    """Return ``x`` after all ``parts``."""
    for part in parts:
        x = part(x)
    return x
