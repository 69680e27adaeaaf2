"""Gradient checks that print: hand-written against automatic, CUDA against CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["check_cuda_grad", "check_manual_grad"]


def _report(title: str, x: Tensor, first: tuple[str, Tensor], second: tuple[str, Tensor]) -> None:
    difference = (first[1] - second[1]).abs().flatten()
    at = int(difference.argmax())
    width = max(len(first[0]), len(second[0]))
    print(f"{title}, {x.numel()} points")
    for name, gradient in (first, second):
        print(f"  {name:<{width}}  {gradient}")
    print(
        f"  largest difference {difference[at].item():.6g} at x[{at}] = {x.flatten()[at].item():.6g}: "
        f"{first[0]} {first[1].flatten()[at].item():.6g}, {second[0]} {second[1].flatten()[at].item():.6g}"
    )


def check_manual_grad(
    primitive_function: Callable[..., Tensor],
    spiking_function: Callable[..., Tensor],
    *args: Any,
    **kwargs: Any,
) -> None:
    """Print a hand-written surrogate gradient beside the primitive function's automatic gradient.

    ::

        auto   = d primitive_function(x) / dx            x = -2, -2 + 1/256, ..., 2 - 1/256
        manual = d spiking_function(x) / dx

    Both gradients are printed, and their largest difference with its place; the two are consistent
    where it is small (rounding, or a kink of the primitive). Nothing is returned and nothing raised::

        check_manual_grad(S2NN.primitive_function, s2nn.apply, 4.0, 1.0)

    Args:
        primitive_function: called as ``primitive_function(x, *args, **kwargs)``.
        spiking_function: called as ``spiking_function(x, *args, **kwargs)``; an autograd function's
            ``apply`` takes no keywords, so wrap it or pass positional arguments.
        *args: further arguments of both.
        **kwargs: further keyword arguments of both.

    Shape: ``x`` has shape [1024], dtype float32.

    Raises:
        TypeError: a function does not accept the arguments.

    Source: spikingjelly ``surrogate.check_manual_grad``, edition 3756e2f8.
    """
    grid = torch.arange(-2.0, 2.0, 1 / 256)

    def gradient(function: Callable[..., Tensor]) -> Tensor:
        x = grid.clone().requires_grad_()
        with torch.enable_grad():
            y = function(x, *args, **kwargs)
            (result,) = torch.autograd.grad(y.sum(), x)
        return result

    auto, manual = gradient(primitive_function), gradient(spiking_function)
    _report("check_manual_grad", grid, ("auto", auto), ("manual", manual))


def check_cuda_grad(
    neu: Callable[..., Any], surrogate_function: Callable[..., Any], device: Any, *args: Any, **kwargs: Any
) -> None:
    """Print a neuron's input gradient by its fastest CUDA engine beside the one by plain PyTorch.

    ::

        x ~ N(0, 1)                    shape [T, N] = [8, 64], seeded, float32 and float16
        gradient = d sum(neu(x)) / dx  with backend "torch", and with backend "cupy"

    ``backend="cupy"`` is a request: the best engine at hand runs. Both gradients are printed, and their
    largest difference with its place; nothing is returned.

    Args:
        neu: neuron class, called as ``neu(surrogate_function=..., step_mode="m")``.
        surrogate_function: surrogate class, called as ``surrogate_function(*args, **kwargs)``.
        device: the CUDA device to run on, for example ``"cuda:0"``.
        *args: the surrogate's arguments.
        **kwargs: the surrogate's keyword arguments.

    Shape: the neuron sees [8, 64].

    Raises:
        RuntimeError: ``device`` is not a CUDA device, or PyTorch finds none.

    Source: spikingjelly ``surrogate.check_cuda_grad``, edition 3756e2f8.
    """
    device = torch.device(device)
    if device.type != "cuda":
        raise RuntimeError(
            f"check_cuda_grad: device={device} is not accepted; expected a CUDA device such as 'cuda:0'"
        )
    if not torch.cuda.is_available():
        raise RuntimeError(
            f"check_cuda_grad: device={device} is not usable: PyTorch {torch.__version__} finds no CUDA; "
            "needed are an NVIDIA GPU, its driver and a CUDA build of PyTorch"
        )
    _compare_backends(neu, lambda: surrogate_function(*args, **kwargs), device)


def _compare_backends(neu: Callable[..., Any], surrogate: Callable[[], Any], device: torch.device) -> None:
    for dtype in (torch.float32, torch.float16):
        x = torch.randn(8, 64, generator=torch.Generator().manual_seed(0)).to(device, dtype)
        gradients = []
        for backend in ("torch", "cupy"):
            net = neu(surrogate_function=surrogate(), step_mode="m").to(device)
            net.backend = backend
            given = x.clone().requires_grad_()
            (gradient,) = torch.autograd.grad(net(given).sum(), given)
            gradients.append((backend, gradient.float().cpu()))
        _report(f"check_cuda_grad, {dtype}", x.float().cpu(), *gradients)
