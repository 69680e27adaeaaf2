"""How large the terms are whose sum a gradient is: what its rounding has to be measured against.

A weight's gradient is a sum over samples and time steps, and its terms may cancel: the bias of a
convolution in front of a batch normalisation has a gradient of 0 in exact arithmetic, and of pure
rounding in float32. The rule for sums is about the terms::

    dL/dW = sum of g * x        rounding within eps * sum of |g| * |x|
    dL/db = sum of g            rounding within eps * sum of |g|

The sums are formed per element of the parameter, for linear layers and convolutions; for any other
module, a neuron included, ``sum of |g| * largest of 1, |x| and |y|`` stands for them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Terms"]


class Terms:
    """Notes input, output and output gradient of each given module during a run.

    Args:
        modules: layers and neurons with parameters.
    """

    def __init__(self, modules: list[nn.Module]) -> None:
        self.modules = modules
        self.calls: list[list[tuple[Tensor, Tensor, Tensor]]] = [[] for _ in modules]
        self.hooks = [
            module.register_forward_hook(lambda module, args, y, index=index: self._note(index, args, y))
            for index, module in enumerate(modules)
        ]

    def _note(self, index: int, args: Any, y: Any) -> None:
        if isinstance(y, Tensor) and y.requires_grad and args and isinstance(args[0], Tensor):
            x = args[0].detach()
            y.register_hook(lambda g: self.calls[index].append((x, y.detach(), g.detach())))

    def close(self) -> None:
        """Remove the hooks."""
        for hook in self.hooks:
            hook.remove()

    def sums(self) -> dict[str, float]:
        """Return, by ``INDEX/NAME`` of each parameter, the largest sum of absolute terms of its elements."""
        found: dict[str, float] = {}
        for index, module in enumerate(self.modules):
            sums: dict[str, Tensor] = {}
            for x, y, g in self.calls[index]:
                for name, terms in _terms(module, x, y, g).items():
                    sums[name] = sums[name] + terms if name in sums else terms
            found |= {f"{index}/{name}": float(terms.max()) for name, terms in sums.items() if terms.numel()}
        return found


def _terms(module: Any, x: Tensor, y: Tensor, g: Tensor) -> dict[str, Tensor]:
    if isinstance(module, nn.Linear):
        rows = g.abs().reshape(-1, g.shape[-1])
        return {"weight": rows.T @ x.abs().reshape(-1, x.shape[-1]), "bias": rows.sum(0)}
    convolution = isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d))
    if convolution and module.weight.is_floating_point():
        axes = len(module.kernel_size) + 1
        x, g = (value.abs().reshape(-1, *value.shape[-axes:]) for value in (x, g))
        weight = torch.zeros_like(module.weight, requires_grad=True)
        with torch.enable_grad():
            z = module._conv_forward(x, weight, None)
        (sums,) = torch.autograd.grad(z, weight, g)
        return {"weight": sums, "bias": g.transpose(0, 1).flatten(1).sum(1)}
    largest = max([1.0, *(float(value.abs().max()) for value in (x, y) if value.numel())])
    return {name.rpartition(".")[2]: g.abs().sum() * largest for name, _ in module.named_parameters()}
