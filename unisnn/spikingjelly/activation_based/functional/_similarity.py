"""A loss on spike trains: the similarity of pairs."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as _nn_functional

__all__ = ["kernel_dot_product", "spike_similar_loss"]


def kernel_dot_product(x: Tensor, y: Tensor, kernel: str = "linear", *args: float) -> Tensor:
    """Return the inner products of the rows of two matrices in a kernel's space.

    Equation::

        linear        k(a, b) = a.b
        polynomial    k(a, b) = (a.b)^d                          d = args[0]
        sigmoid       k(a, b) = sigmoid(alpha * a.b)             alpha = args[0]
        gaussian      k(a, b) = exp(-|a - b|^2 / (2 sigma^2))    sigma = args[0]

    Args:
        x: shape ``[N, M]``.
        y: shape ``[N, M]``.
        kernel: ``'linear'`` (default), ``'polynomial'``, ``'sigmoid'`` or ``'gaussian'``.
        args: the kernel's parameter.

    Shape: ``[N, N]``, row ``i`` and column ``j`` hold ``k(x[i], y[j])``.

    Raises:
        NotImplementedError: no kernel has that name.

    Source: ``functional.kernel_dot_product``, SpikingJelly 0.0.0.0.14.
    """
    if kernel not in ("linear", "polynomial", "sigmoid", "gaussian"):
        raise NotImplementedError(
            f"kernel_dot_product: kernel={kernel!r} is not accepted; "
            "expected 'linear', 'polynomial', 'sigmoid' or 'gaussian'"
        )
    if kernel == "gaussian":
        rows = x.square().sum(1).unsqueeze(1).repeat(1, y.shape[0])
        columns = y.square().sum(1).unsqueeze(0).repeat(x.shape[0], 1)
        distance = rows + columns - 2 * x.mm(y.t())
        return torch.exp(-distance / (2 * args[0] ** 2))
    product = x.mm(y.t())
    if kernel == "polynomial":
        return product.pow(args[0])
    return product if kernel == "linear" else torch.sigmoid(args[0] * product)


def spike_similar_loss(
    spikes: Tensor, labels: Tensor, kernel_type: str = "linear", loss_type: str = "mse", *args: float
) -> Tensor:
    """Return how far the similarity of spike trains is from the similarity of their labels.

    Equation::

        sim[i, j]   = 1 if labels[i] and labels[j] share a class, else 0
        sim_p[i, j] = k(spikes[i], spikes[j])                    divided by both lengths if linear
        loss        = mean squared error, mean absolute error or binary cross entropy of sim_p against sim

    Args:
        spikes: shape ``[N, M, T]``: N samples, M neurons, T time steps.
        labels: shape ``[N, C]``, 1 where a sample belongs to a class.
        kernel_type: ``'linear'`` (default), ``'sigmoid'`` or ``'gaussian'`` (see :func:`kernel_dot_product`).
        loss_type: ``'mse'`` (default), ``'l1'`` or ``'bce'``.
        args: the kernel's parameter.

    Shape: a 0-dim tensor.

    Raises:
        NotImplementedError: no kernel or loss has that name.
        RuntimeError: ``'bce'`` and a similarity outside of 0 to 1.

    Source: ``functional.spike_similar_loss``, SpikingJelly 0.0.0.0.14.
    """
    if loss_type not in ("mse", "l1", "bce"):
        raise NotImplementedError(
            f"spike_similar_loss: loss_type={loss_type!r} is not accepted; expected 'mse', 'l1' or 'bce'"
        )
    trains = spikes.flatten(start_dim=1)
    similar = kernel_dot_product(trains, trains, kernel_type, *args)
    if kernel_type == "linear":
        length = trains.norm(p=2, dim=1, keepdim=True)
        similar = similar / (length.mm(length.t()) + 1e-8)
    wanted = labels.float()
    wanted = wanted.mm(wanted.t()).clamp_max(1)
    if loss_type == "mse":
        return _nn_functional.mse_loss(similar, wanted)
    if loss_type == "l1":
        return _nn_functional.l1_loss(similar, wanted)
    return _nn_functional.binary_cross_entropy(similar, wanted)
