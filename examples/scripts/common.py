"""What the training scripts of this folder share: arguments, synthetic data, and the record of a run."""

from __future__ import annotations

import argparse
import os
import random

import numpy as np
import torch
from torch import nn


def arguments(description: str, **defaults: float) -> argparse.Namespace:
    """Read the command line; every keyword becomes an option with that default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", required=True, help="where to write losses and final weights (.npz)")
    parser.add_argument("--seed", type=int, default=2023)
    parser.add_argument("--steps", type=int, default=20, help="optimiser steps")
    parser.add_argument("--backend", default=os.environ.get("SNN_BACKEND", "cupy"), help="torch or cupy")
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return parser.parse_args()


def set_seed(seed: int) -> None:
    """Seed everything that draws."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def images(batch: int, channels: int, size: int, classes: int, seed: int):
    """Yield batches of noisy class patterns and their labels, for ever."""
    generator = torch.Generator().manual_seed(seed)
    patterns = torch.rand(classes, channels, size, size, generator=generator)
    while True:
        label = torch.randint(classes, (batch,), generator=generator)
        noise = torch.randn(batch, channels, size, size, generator=generator)
        yield patterns[label] + 0.3 * noise, label


def event_frames(batch: int, frames: int, size: int, classes: int, seed: int):
    """Yield batches [N, T, 2, H, W] of event counts whose density moves with the class."""
    generator = torch.Generator().manual_seed(seed)
    rates = torch.rand(classes, frames, 2, size, size, generator=generator)
    while True:
        label = torch.randint(classes, (batch,), generator=generator)
        draws = torch.rand(batch, frames, 2, size, size, generator=generator)
        yield (draws < rates[label]).float() * 2.0, label


class Record:
    """Losses of a run, and its net's weights at the end."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray] = {}
        self.losses: list[float] = []

    def loss(self, value: torch.Tensor) -> None:
        self.losses.append(value.item())

    def save(self, path: str, net: nn.Module) -> None:
        weights = {f"weight/{name}": value.detach().numpy() for name, value in net.state_dict().items()}
        np.savez(path, losses=np.array(self.losses), **weights, **self.arrays)
        print(f"loss {self.losses[0]:.4f} -> {self.losses[-1]:.4f}")
