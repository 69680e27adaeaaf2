"""Inputs that tell neurons apart: random drives, and lattices that put voltages exactly on the threshold."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor, nn

from unisnn.convert.errors import ConversionError
from unisnn.convert.execute import duplicate, quiet, reset_states, run
from unisnn.core.equivalence import first_firing_voltage
from unisnn.core.spec import NeuronSpec

__all__ = ["NOISE", "describe_tensor", "invent", "probe"]

NOISE = 32
"""The first columns of a probe are noise: no voltage there lies on a lattice."""

_STEPS = 12
_SIZES = (8, 28, 32, 16, 64, 12, 20, 224)


def probe(spec: NeuronSpec, seed: int) -> Tensor:
    """Return a drive ``[12, 96]`` for one neuron: noise, lattices through the threshold, silence, negative.

    Columns, c being the first voltage that fires::

        0-31    uniform on [-c/2, 2c)
        32-63   multiples of c/4, also times tau: the voltage lands exactly on c, c/2, ...
        64-91   multiples of 1/4, also times tau
        92-95   nothing, c*tau in every step, -c, and c*tau once
    """
    rule = spec.surrogate.fire if spec.surrogate.fire in (">=", ">") else ">="
    tie = first_firing_voltage(float(spec.threshold), rule)
    tau = float(dict(spec.parameters).get("tau", 2.0 if "lif" in spec.charge else 1.0))
    generator = torch.Generator().manual_seed(seed)
    noise = (torch.rand(_STEPS, NOISE, generator=generator) * 2.5 - 0.5) * tie
    lattice = torch.randint(-4, 9, (_STEPS, 60), generator=generator).float() * 0.25
    lattice[:, :32] *= tie
    lattice[:, 16:48] *= tau
    rest = torch.zeros(_STEPS, 4)
    rest[:, 1], rest[:, 2], rest[0, 3] = tie * tau, -tie, tie * tau
    return torch.cat([noise, lattice, rest], dim=1)


def invent(model: nn.Module, face: str, time_steps: int, seed: int) -> Tensor:
    """Return inputs ``[T, 4, *]`` of a shape that ``model`` accepts: half noise, half multiples of 1/4.

    The shape comes from the first layer that fixes one.

    Raises:
        ConversionError: no shape that was tried runs.
    """
    tried = []
    for shape in _shapes(model):
        generator = torch.Generator().manual_seed(seed)
        noise = torch.rand(time_steps, 4, *shape, generator=generator) * 2.5 - 0.5
        noise[:, 2:] = torch.randint(-2, 9, noise[:, 2:].shape, generator=generator).float() * 0.25
        like = next((value for value in model.parameters() if value.is_floating_point()), noise)
        noise = noise.to(like.device, like.dtype)
        candidate = duplicate(model)
        reset_states(candidate)
        try:
            with torch.no_grad(), quiet(seed):
                run(candidate, noise, face)
        except (RuntimeError, ValueError, TypeError, NotImplementedError, IndexError) as error:
            tried.append(f"{[time_steps, 4, *shape]}: {str(error).splitlines()[0][:80]}")
            continue
        return noise
    raise ConversionError(
        "", "inputs", f"no input shape could be derived (tried {'; '.join(tried[:3])}); pass inputs="
    )


def _shapes(model: nn.Module) -> list[tuple[int, ...]]:
    for module in model.modules():
        if isinstance(module, nn.Linear):
            return [
                (module.in_features,),
                (3, module.in_features),
                *((module.in_features // s**2, s, s) for s in (2, 4, 7, 8)),
            ]
        if isinstance(module, nn.modules.conv._ConvNd):
            dimensions = len(module.kernel_size)
            return [(module.in_channels, *(size,) * dimensions) for size in _SIZES]
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            return [(module.num_features, *(6,) * extra) for extra in (0, 1, 2, 3)]
    return [(16,), (3, 8, 8), (3, 16)]


def describe_tensor(x: Tensor) -> dict[str, object]:
    """Return shape, dtype, range and a digest of a tensor, for a proof to name its inputs."""
    plain = x.detach().cpu().contiguous()
    digest = hashlib.sha256(plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b"")
    facts: dict[str, object] = {"shape": list(x.shape), "dtype": str(x.dtype).removeprefix("torch.")}
    finite = plain[plain.isfinite()]
    if finite.numel():
        facts |= {"min": float(finite.min()), "max": float(finite.max())}
    return {**facts, "sha256": digest.hexdigest()[:16]}
