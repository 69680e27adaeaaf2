"""Frames of events as moving pictures, on the screen or in a gif file."""

from __future__ import annotations

from typing import Any

import numpy
import torch
from torch import Tensor

from unisnn.core import optional as _optional

__all__ = ["play_frame"]

_PAUSE = 0.01  # seconds from one frame to the next on the screen


def play_frame(x: Tensor | numpy.ndarray[Any, Any], save_gif_to: str | None = None) -> None:
    """Show frames one after the other, again and again until the window is closed, or save them as a gif.

    Equation (a pixel's red, green and blue)::

        (0, x[t, 0], x[t, 1])*255, the fraction cut off, modulo 256

    Where the backend of matplotlib has no window, each frame is drawn once.

    Args:
        x: frames of two polarities, in general from 0 to 1.
        save_gif_to: path of the gif (default None: show the frames).

    Shape: ``[T, 2, H, W]``.

    Raises:
        ValueError: ``x`` is not of that shape.
        ModuleNotFoundError: matplotlib is not installed.

    Source: ``datasets.play_frame``, SpikingJelly 0.0.0.0.14.
    """
    owner = "play_frame"
    frames = torch.as_tensor(x).detach().cpu()
    if frames.dim() != 4 or frames.shape[1] != 2 or not len(frames):
        raise ValueError(
            f"{owner}: x of shape {tuple(frames.shape)} is not accepted; expected [T, 2, H, W], T >= 1"
        )
    pictures = [_coloured(owner, frame) for frame in frames]
    if save_gif_to is not None:
        pictures[0].save(save_gif_to, save_all=True, append_images=pictures[1:], loop=0)
        print(f"Save frames to [{save_gif_to}].")
        return
    pyplot = _optional.module("matplotlib.pyplot", owner, "plots")
    figure = pyplot.figure()
    axes = figure.add_subplot()
    shown = axes.imshow(pictures[0])
    windowless = figure.canvas.required_interactive_framework is None
    while pyplot.fignum_exists(figure.number):
        for picture in pictures:
            shown.set_data(picture)
            pyplot.pause(_PAUSE)
        if windowless:
            return


def _coloured(owner: str, frame: Tensor) -> Any:
    image = _optional.module("PIL.Image", owner, "plots")
    colours = torch.zeros(3, *frame.shape[1:])
    colours[1:] = frame
    return image.fromarray(colours.mul(255).byte().permute(1, 2, 0).contiguous().numpy())
