"""Linear, flatten and voting layers with a step mode."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.spikingjelly.activation_based import base, functional
from unisnn.spikingjelly.activation_based.layer._folded import Folded as _Folded

__all__ = ["Flatten", "Linear", "VotingLayer"]


class Linear(nn.Linear, base.StepModule):
    """``torch.nn.Linear`` with a step mode.

    Equation::

        y = x W^T + b                    the same in both step modes

    Args:
        in_features, out_features, bias: as for ``torch.nn.Linear``, with its defaults.
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``[*, in_features] -> [*, out_features]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.Linear``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, step_mode: str = "s") -> None:
        super().__init__(in_features, out_features, bias)
        self.step_mode = step_mode


class Flatten(_Folded, nn.Flatten):
    """``torch.nn.Flatten`` with a step mode.

    Equation::

        y = flatten(x)                   step_mode 's'
        y[t] = flatten(x[t])             step_mode 'm', t = 0...T-1

    Args:
        start_dim: first dimension to flatten, counted within one time step (default 1).
        end_dim: last dimension to flatten (default -1).
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, *] -> [N, prod(*)]``; ``'m'``: ``[T, N, *] -> [T, N, prod(*)]``. Any dtype.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.Flatten``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1, step_mode: str = "s") -> None:
        super().__init__(start_dim, end_dim)
        self.step_mode = step_mode


class VotingLayer(nn.Module, base.StepModule):
    """Average the votes of ``voting_size`` neurons for each class.

    Equation::

        y[n, c] = (x[n, c*k] + ... + x[n, c*k + k-1])/k        k = voting_size

    Args:
        voting_size: neurons a class (default 10).
        step_mode: ``'s'`` or ``'m'`` (default ``'s'``).

    Shape: ``'s'``: ``[N, C*k] -> [N, C]``; ``'m'``: ``[T, N, C*k] -> [T, N, C]``. Any floating dtype.

    Raises:
        ValueError: ``step_mode`` is not supported.

    Source: ``layer.VotingLayer``, SpikingJelly 0.0.0.0.14.
    """

    def __init__(self, voting_size: int = 10, step_mode: str = "s") -> None:
        super().__init__()
        self.voting_size = voting_size
        self.step_mode = step_mode

    def single_step_forward(self, x: Tensor) -> Tensor:
        """Return the votes of one time step, ``[N, C*k] -> [N, C]``."""
        return _nn_functional.avg_pool1d(x.unsqueeze(1), self.voting_size, self.voting_size).squeeze(1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the votes of one time step (``'s'``) or of all of them (``'m'``)."""
        if self.step_mode == "s":
            return self.single_step_forward(x)
        return functional.seq_to_ann_forward(x, self.single_step_forward)

    def extra_repr(self) -> str:
        """Return the arguments in SpikingJelly's wording."""
        return f"voting_size={self.voting_size}, step_mode={self.step_mode}"
