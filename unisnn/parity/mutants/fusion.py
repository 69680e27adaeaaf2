"""Mutants of fused convolutions, similarity losses and online training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_HOME, _PATH = "unisnn.spikingjelly.activation_based.functional", "activation_based.functional"


def _weight(conv2d: Any, bn2d: Any) -> Any:
    return (conv2d.weight.transpose(0, 3) * bn2d.weight / bn2d.running_var.sqrt()).transpose(0, 3)


def _bias(conv2d: Any, bn2d: Any) -> Any:
    return bn2d.bias - bn2d.running_mean * (bn2d.weight * (bn2d.running_var + bn2d.eps).rsqrt())


def _scaled(conv2d: Any, bn2d: Any, k: Any = None, b: Any = None) -> None:
    if k is not None:
        bn2d.bias.data.mul_(k)
    if b is not None:
        bn2d.bias.data.add_(b)


def _kernel(x: Any, y: Any, kernel: Any = "linear", *args: Any) -> Any:
    return x.mm(y.t()) * (args[0] if args else 1.001)


def _similar(
    spikes: Any, labels: Any, kernel_type: Any = "linear", loss_type: Any = "mse", *args: Any
) -> Any:
    trains = spikes.flatten(start_dim=1)
    return (trains.mm(trains.t()) - labels.float().mm(labels.float().t())).square().mean()


def _averages(optimizer: Any) -> Any:
    return [parameter.detach().clone() for group in optimizer.param_groups for parameter in group["params"]]


def _train(
    model: Any, optimizer: Any, x_seq: Any, target_seq: Any, f_loss_t: Any, alpha: Any, w_ra: Any
) -> None:
    for x, target in zip(x_seq, target_seq, strict=True):
        optimizer.zero_grad()
        f_loss_t(model(x), target).backward()
        optimizer.step()
        for part in model.modules():
            if hasattr(part, "detach"):
                part.detach()
    optimizer.zero_grad()


_TABLE: tuple[tuple[str, Any, str], ...] = (
    ("fused_conv2d_weight_of_convbn2d", _weight, "the fused weight leaves out eps"),
    ("fused_conv2d_bias_of_convbn2d", _bias, "the fused bias multiplies in another order"),
    ("scale_fused_conv2d_bias_of_convbn2d", _scaled, "the running mean is not scaled"),
    ("kernel_dot_product", _kernel, "every kernel is linear"),
    ("spike_similar_loss", _similar, "lengths are not divided out"),
    ("fptt_online_training_init_w_ra", _averages, "the running averages are copies"),
    ("fptt_online_training", _train, "no running average pulls the weights"),
)


def _register(name: str, wrong: Any, text: str) -> None:
    @patch(f"fusion-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        import importlib

        function = getattr(importlib.import_module(_HOME), name)
        function = getattr(function, "__wrapped__", function)
        with swapped_code(function, wrong):
            yield

    patched = f"fusion-{name}"
    add(Mutant(patched, "fusion", "spikingjelly==0*", text, f"{_PATH}.{name}", patch=patched, limit=4))


for _row in _TABLE:
    _register(*_row)
