"""What the networks share: fresh neurons, time-aware flattening, ImageNet's weights."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["ImagenetWeights", "NeuronMaker", "flatten_features", "load_imagenet_weights", "neuron_maker"]

NeuronMaker = Callable[[], Any]


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

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def neuron_maker(
    owner: str, spiking_neuron: Callable[..., Any] | None, kwargs: dict[str, Any]
) -> NeuronMaker:
    """Return a function that makes a new neuron, with a deep copy of its arguments each time.

    Raises ``TypeError`` where ``spiking_neuron`` cannot be called.
    """
    if not callable(spiking_neuron):
        raise TypeError(
            f"{owner}: spiking_neuron={spiking_neuron!r} is not accepted; expected a class of neurons "
            "such as neuron.IFNode, or a function that returns one"
        )
    made: Callable[..., Any] = spiking_neuron
    return lambda: made(**copy.deepcopy(kwargs))


def flatten_features(x: Tensor, step_mode: str) -> Tensor:
    """Flatten all but the batch (``'s'``), or all but time and batch (``'m'``)."""
    return torch.flatten(x, 1 if step_mode == "s" else 2)


def load_imagenet_weights(net: nn.Module, url: str, progress: bool) -> None:
    """Download the weights of the network without spikes and load them; the neurons keep theirs.

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
