"""A small convolutional spiking network, written in unisnn's SpikingJelly, and its training."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from digits.data import Digits
from unisnn.spikingjelly import functional as spiking
from unisnn.spikingjelly import layer, neuron, surrogate

__all__ = ["TIME_STEPS", "accuracy", "build", "over_time", "train"]

TIME_STEPS = 6
_BATCH = 64


def _lif(v_reset: float | None = 0.0) -> nn.Module:
    return neuron.LIFNode(
        tau=2.0,
        decay_input=True,
        v_threshold=0.5,
        v_reset=v_reset,
        surrogate_function=surrogate.Sigmoid(alpha=4.0),
        detach_reset=True,
        step_mode="m",
    )


def build(v_reset: float | None = 0.0) -> nn.Sequential:
    """Return the network: ``[T, N, 1, 8, 8]`` in, the spikes of ten neurons ``[T, N, 10]`` out."""
    return nn.Sequential(
        layer.Conv2d(1, 16, 3, padding=1, bias=False, step_mode="m"),
        layer.BatchNorm2d(16, step_mode="m"),
        _lif(v_reset),
        layer.MaxPool2d(2, step_mode="m"),
        layer.Flatten(step_mode="m"),
        layer.Linear(16 * 4 * 4, 64, step_mode="m"),
        _lif(v_reset),
        layer.Linear(64, 10, step_mode="m"),
        _lif(v_reset),
    )


def over_time(images: Tensor) -> Tensor:
    """Return the images shown in every time step: ``[N, *] -> [T, N, *]``."""
    return images.unsqueeze(0).repeat(TIME_STEPS, *[1] * images.dim())


def accuracy(net: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of images whose most active output neuron is the right one."""
    net.eval()
    spiking.reset_net(net)
    with torch.no_grad():
        rates = net(over_time(images)).mean(0)
    spiking.reset_net(net)
    return float((rates.argmax(1) == labels).float().mean())


def train(
    net: nn.Module, data: Digits, epochs: int, seed: int, after_epoch: Callable[[int, float, float], None]
) -> None:
    """Train on the firing rates; call ``after_epoch(epoch, loss, held-out accuracy)`` after each epoch."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for epoch in range(1, epochs + 1):
        net.train()
        total = 0.0
        order = torch.randperm(len(data.train_labels), generator=generator)
        for chosen in order.split(_BATCH):
            rates = net(over_time(data.train_images[chosen])).mean(0)
            loss = functional.mse_loss(rates, functional.one_hot(data.train_labels[chosen], 10).float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            spiking.reset_net(net)
            total += float(loss.detach()) * len(chosen)
        schedule.step()
        after_epoch(epoch, total / len(order), accuracy(net, data.test_images, data.test_labels))
