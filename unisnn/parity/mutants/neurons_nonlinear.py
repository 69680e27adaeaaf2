"""Mutants of the nonlinear and adaptive neurons: a wrong order of operations, a wrong detached spike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch, swapped_code

__all__: list[str] = []

_FAMILY, _EDITION = "neuron_nonlinear", "spikingjelly==0*"


def _qif(v: Any, x: Any, tau: Any, v_c: Any, a0: Any, v_rest: Any) -> Any:
    return v + (x + a0 * ((v - v_rest) * (v - v_c))) / tau * (1 + 2**-22)


def _eif(v: Any, x: Any, tau: Any, v_rest: Any, theta_rh: Any, delta_t: Any) -> Any:
    return v + (x - (v - v_rest) + delta_t * ((v - theta_rh) / delta_t).exp()) / tau


def _izhikevich(v: Any, x: Any, w: Any, tau: Any, v_c: Any, a0: Any, v_rest: Any) -> Any:
    return v + (x + a0 * (v - v_rest) * (v - v_c)) / tau - w


def _klif(v: Any, x: Any, tau: Any, v_reset: Any, k: Any) -> Any:
    return k * (v - (v - v_reset) / tau + x)


def _klif_decay(v: Any, x: Any, tau: Any, v_reset: Any, k: Any) -> Any:
    return (k * (v + (x - v) / tau)).relu()


def _adapt(w: Any, h: Any, v_rest: Any, tau_w: Any, a: Any) -> Any:
    return w + (a * (h - v_rest) - w) / tau_w


def _hard(v: Any, w: Any, spike_d: Any, v_reset: Any, b: Any, spike: Any) -> Any:
    return (1.0 - spike_d) * v + spike_d * v_reset, w + b * spike


def _analog(self: Any, x: Any) -> Any:
    self.v_float_to_tensor(x)
    self.neuronal_charge(x)
    spike = self.neuronal_fire()
    self.neuronal_reset(spike)
    return spike


_EQUATIONS: dict[str, tuple[Any, str, str, str]] = {
    "charge_qif": (_qif, "QIFNode", "*", "the charge of QIF is off by two units"),
    "charge_eif": (_eif, "EIFNode", "*", "the charge of EIF adds in another order"),
    "charge_izhikevich": (_izhikevich, "IzhikevichNode", "*", "the adaptation current is not divided by tau"),
    "charge_klif": (_klif, "KLIFNode", "*decay_input=False*", "the charge of KLIF is not rectified"),
    "charge_klif_decay_input": (_klif_decay, "KLIFNode", "*v_reset=0.2*", "KLIF decays to 0, not to v_reset"),
    "adapt_to_charge": (_adapt, "IzhikevichNode", "*a=0.3*", "the adaptation divides by tau_w"),
}


def _register(name: str, wrong: Any, symbol: str, case: str, text: str) -> None:
    @patch(f"nonlinear-{name}")
    @contextlib.contextmanager
    def swapped() -> Iterator[None]:
        from unisnn.core import neuron_nonlinear

        with swapped_code(getattr(neuron_nonlinear, name), wrong):
            yield

    path = f"activation_based.neuron.{symbol}"
    add(Mutant(f"nonlinear-{name}", _FAMILY, _EDITION, text, path, case, patch=f"nonlinear-{name}"))


for _name, _parts in _EQUATIONS.items():
    _register(_name, *_parts)


@patch("adaptive-reset-detached")
@contextlib.contextmanager
def _adaptive_reset_detached() -> Iterator[None]:
    from unisnn.spikingjelly.activation_based import neuron

    with swapped_code(neuron.AdaptBaseNode.jit_hard_reset, _hard):
        yield


@patch("liaf-spikes")
@contextlib.contextmanager
def _liaf_spikes() -> Iterator[None]:
    from unisnn.spikingjelly.activation_based import neuron

    with swapped_code(neuron.LIAFNode.single_step_forward, _analog):
        yield


add(
    Mutant(
        "adaptive-reset-detached",
        _FAMILY,
        _EDITION,
        "detach_reset reaches the spike that sets v_reset",
        "activation_based.neuron.IzhikevichNode",
        "*v_reset=0.2,detach_reset=True*",
        patch="adaptive-reset-detached",
    )
)
add(
    Mutant(
        "liaf-spikes",
        _FAMILY,
        "spikingjelly==2*",
        "LIAF gives spikes",
        "activation_based.neuron.LIAFNode",
        "*train-step*",
        patch="liaf-spikes",
    )
)
