"""Stateful layers that SpikingJelly has twice: in ``activation_based`` with a step mode, in ``clock_driven``
as one class for a time step and a ``MultiStep`` class for all of them.

::

    activation_based.layer.Dropout(p, step_mode='m')     clock_driven.layer.MultiStepDropout(p)
    activation_based.layer.Dropout(p, step_mode='s')     clock_driven.layer.Dropout(p)
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable
from typing import Any

from torch import nn

from unisnn.convert import twins
from unisnn.core import layout

__all__ = ["face_of", "known", "rebuilt"]

_MANY = "MultiStep"


def _dropout(source: Any) -> dict[str, Any]:
    return {"p": source.p}


def _neu_norm(source: Any) -> dict[str, Any]:
    rest, places = 1.0 - source.k0, source.w.shape
    channels = round(math.sqrt(rest / source.k1)) if source.k1 else places[0]
    shared = places[0] == 1 and channels != 1
    return {
        "in_channels": channels,
        "height": places[1],
        "width": places[2],
        "k": source.k0,
        "shared_across_channels": shared,
    }


def _synapse(source: Any) -> dict[str, Any]:
    return {"tau": 2.0 if source.learnable else source.tau, "learnable": source.learnable}


def _norm(source: Any) -> dict[str, Any]:
    names = ("alpha", "v_th", "num_features", "eps", "momentum", "affine", "track_running_stats")
    return {name: getattr(source, name) for name in names}


def _attention(source: Any) -> dict[str, Any]:
    steps, hidden = source.sharedMLP[0].in_features, source.sharedMLP[0].out_features
    return {"T": steps, "reduction": steps // hidden, "dimension": source.dimension}


_FAMILIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Dropout": _dropout,
    "Dropout2d": _dropout,
    "NeuNorm": _neu_norm,
    "SynapseFilter": _synapse,
    "TemporalWiseAttention": _attention,
    **{f"ThresholdDependentBatchNorm{size}d": _norm for size in (1, 2, 3)},
}
"""The constructor arguments of each family, read off a layer."""


def known(module: nn.Module) -> bool:
    """Say whether ``module`` is such a layer, of ``unisnn`` or of the genuine library."""
    kind = type(module)
    home = twins.library_of(kind)
    ours = home is not None and home[0] == "spikingjelly" and ".layer" in kind.__module__
    return ours and kind.__name__.removeprefix(_MANY) in _FAMILIES


def face_of(module: Any) -> str | None:
    """Return the time layout that the layer expects; ``None`` where it takes any as one step."""
    if hasattr(module, "step_mode"):
        return layout.STEP if module.step_mode == "s" else layout.TIME_FIRST
    return layout.TIME_FIRST if type(module).__name__.startswith(_MANY) else None


def rebuilt(module: Any, target: Any, copies: dict[int, Any]) -> nn.Module | None:
    """Return the layer in the part of SpikingJelly that ``target`` builds for; ``None`` where it has none.

    Parameters and buffers are copied (``copies`` is deepcopy's memory, so what is shared stays shared);
    the state is a clean one.
    """
    family = type(module).__name__.removeprefix(_MANY)
    many = face_of(module) == layout.TIME_FIRST
    arguments = _FAMILIES[family](module)
    stepped, multi = target.layer(family), target.layer(f"{_MANY}{family}")
    with_mode = stepped is not None and hasattr(stepped, "step_mode")
    if with_mode:
        if "step_mode" in inspect.signature(stepped).parameters:
            arguments["step_mode"] = "m" if many else "s"
        made = stepped(**arguments)
    elif many and multi is not None:
        made = multi(**arguments)
    elif stepped is not None:
        made = stepped(**arguments)
    else:
        return None
    for path, inner in module.named_modules():
        own = made.get_submodule(path)
        for name, value in inner.named_parameters(recurse=False):
            own._parameters[name] = copy.deepcopy(value, copies)
        for name, value in inner.named_buffers(recurse=False):
            own._buffers[name] = copy.deepcopy(value, copies)
    made.train(module.training)
    return made if with_mode or not many or multi is not None else target.step_container(made)
