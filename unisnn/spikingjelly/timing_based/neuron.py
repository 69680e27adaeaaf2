"""The tempotron: a neuron that learns when its inputs spike."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as _nn_functional

from unisnn.core import timing as _equations

__all__ = ["Tempotron"]


class Tempotron(nn.Module):
    """A layer of tempotrons: potentials, their maxima, or the spike times, of inputs that are spike times.

    Equation::

        k(t)       = exp(-t/tau) - exp(-t/tau_s)          t >= 0, else 0
        v0         = v_threshold / max_t k(t)             one spike through a weight of 1 just fires
        v[n, o, t] = sum over i of W[o, i] * v0*k(t - in_spikes[n, i])

    Args:
        in_features: number of inputs.
        out_features: number of neurons.
        T: time steps of a run.
        tau: time constant of the membrane (default 15.0).
        tau_s: time constant of the synaptic current, other than ``tau`` (default 3.75).
        v_threshold: firing threshold (default 1.0).

    Shape: ``[N, in_features]`` to what ``ret_type`` says (see :meth:`forward`). The weights are
    ``fc.weight``, ``[out_features, in_features]``; there is no bias.

    Raises:
        ValueError: ``tau`` and ``tau_s`` are equal or not positive.

    Source: ``timing_based.neuron.Tempotron`` and ``event_driven.neuron.Tempotron``, SpikingJelly 0.0.0.0.14
        and 0.0.0.0.12; Gütig and Sompolinsky, "The tempotron: a neuron that learns spike timing-based
        decisions", Nature Neuroscience, 2006.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        T: int,
        tau: float = 15.0,
        tau_s: float = 3.75,
        v_threshold: float = 1.0,
    ) -> None:
        super().__init__()
        if not (tau > 0 and tau_s > 0 and tau != tau_s):
            raise ValueError(
                f"Tempotron: tau={tau!r} with tau_s={tau_s!r} is not accepted; expected two different "
                "numbers greater than 0"
            )
        self.tau, self.tau_s, self.T, self.v_threshold = tau, tau_s, T, v_threshold
        self.fc = nn.Linear(in_features, out_features, bias=False)
        self.v0 = _equations.peak_factor(tau, tau_s, v_threshold)

    @staticmethod
    def psp_kernel(t: Tensor, tau: float, tau_s: float) -> Tensor:
        """Return ``(exp(-t/tau) - exp(-t/tau_s))*[t >= 0]``."""
        return _equations.psp_kernel(t, tau, tau_s)

    @staticmethod
    def mse_loss(v_max: Tensor, v_threshold: float | Tensor, label: Tensor, num_classes: int) -> Tensor:
        """Return the squared distance to the threshold of the neurons that decide wrongly."""
        return _equations.tempotron_loss(v_max, v_threshold, label, num_classes)

    def forward(self, in_spikes: Tensor, ret_type: str) -> Tensor:
        """Run the neurons on spike times.

        Equation::

            'v'       v                         [N, out_features, T]
            'v_max'   max over t of v           [N, out_features], axes of length 1 left out
            'spikes'  +- argmax over t of v     [N, out_features], - where v_max < v_threshold

        Args:
            in_spikes: ``[N, in_features]``, when each input spikes; negative: not at all.
            ret_type: ``'v'``, ``'v_max'`` or ``'spikes'``.

        Raises:
            ValueError: another ``ret_type``.
        """
        if ret_type not in ("v", "v_max", "spikes"):
            raise ValueError(
                f"Tempotron: ret_type={ret_type!r} is not accepted; expected 'v', 'v_max' or 'spikes'"
            )
        potentials = _equations.psp_sequence(in_spikes, self.T, self.tau, self.tau_s, self.v0)
        v = self.fc(potentials.permute(0, 2, 1)).permute(0, 2, 1)
        if ret_type == "v":
            return v
        if ret_type == "v_max":
            return _nn_functional.max_pool1d(v, kernel_size=self.T).squeeze()
        return _equations.peak_time(v, self.v_threshold)
