"""Mutants of the fused engine: a wrong equation in the run over all time steps, or in the one back.

The patches run under the engine ``fused``, whatever else is built, so that what they change is what runs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from unisnn.core import engines
from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants import _swap as _swaps

__all__: list[str] = []

_MODULE = "unisnn.core.engines"
_SJ, _BC, _OLD = "spikingjelly==0.0.0.0.14", "braincog*", "spikingjelly==0.0.0.0.1*"
_STEPS = "*/train-sequence-*"


@contextlib.contextmanager
def _replaced(path: str, make: Callable[[Any], Any]) -> Iterator[None]:
    module, _, name = path.partition(".")
    with engines.engine("fused"), _swaps.replaced(f"{_MODULE}.{module}", name, make):
        yield


def _planned(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make a function see another plan."""
    return lambda real: lambda plan, *rest, **named: real(change(plan), *rest, **named)


def _scaled_constants(plan: Any) -> Any:
    return plan._replace(constants=(plan.constants[0] * 1.0001, *plan.constants[1:]))


def _slower_adaptation(plan: Any) -> Any:
    rest, tau_w, *jump = plan.adapt
    return plan._replace(adapt=(rest, tau_w * 1.0001, *jump))


def _without_states(real: Any) -> Any:
    return lambda plan, gradients, *rest: real(plan, (*gradients[:2], None), *rest)


def _without_last_state(real: Any) -> Any:
    return lambda plan, gradients, *rest: real(plan, (gradients[0], None, gradients[2]), *rest)


def _first_state(real: Any) -> Any:
    def forward(plan: Any, x: Any, *rest: Any) -> Any:
        s, _, v_seq, h = real(plan, x, *rest)
        return s, real(plan, x[:1].contiguous(), *rest)[1], v_seq, h

    return forward


def _last_step_alone(real: Any) -> Any:
    def backward(*given: Any) -> Any:
        gx, gv0, gw = real(*given)
        return gx, gv0, gw[:1]

    return backward


def _opposite(real: Any) -> Any:
    return lambda *given: [-g for g in real(*given)]


def _alpha_once(real: Any) -> Any:
    return lambda name, *rest: real(name, *rest)[: 1 if name == "alpha" else None]


# Name, what is replaced and by what, family, edition, symbols, cases, and what is wrong.
_WRONG: tuple[tuple[str, str, Callable[[Any], Any], str, str, str, str, str], ...] = (
    (
        "strict",
        "operator.multi_step",
        _planned(lambda plan: plan._replace(strict=not plan.strict)),
        "neuron",
        _SJ,
        "*",
        "*/train-sequence-grid/*",
        "> where >= belongs",
    ),
    (
        "zero",
        "fused.forward",
        _planned(lambda plan: plan._replace(reset="soft")),
        "neuron",
        _BC,
        "*",
        "*/flat-*|*/groups-*",
        "the threshold is taken away where all of the potential is",
    ),
    (
        "reset-value",
        "fused.forward",
        _planned(lambda plan: plan._replace(v_reset=plan.v_reset + 1e-6)),
        "neuron",
        _SJ,
        "*",
        "*v_reset=0.2*/train-sequence-*",
        "the hard reset is off by 1e-6",
    ),
    (
        "reset-factor",
        "fused.forward",
        _planned(lambda plan: plan._replace(reset="zero" if plan.reset == "soft" else plan.reset)),
        "neuron",
        _SJ,
        "*",
        "*v_reset=None*/train-sequence-*",
        "a soft reset takes all of the potential",
    ),
    (
        "detached",
        "fused.backward",
        _planned(lambda plan: plan._replace(detached=True)),
        "neuron",
        _SJ,
        "*",
        "*detach_reset=False*/train-sequence-*",
        "no gradient through the reset",
    ),
    (
        "states",
        "fused.backward",
        _without_states,
        "clock_neuron",
        _OLD,
        "*MultiStep*",
        "*/eval-uni/*",
        "the gradient of the states of every step is left out",
    ),
    (
        "last-state",
        "fused.backward",
        _without_last_state,
        "neuron_nonlinear",
        _SJ,
        "*",
        "*-grid/train-sequence/*",
        "the gradient of the last state is left out",
    ),
    (
        "tau",
        "fused.backward",
        _planned(_scaled_constants),
        "neuron",
        _SJ,
        "*LIFNode",
        "*tau=3,decay_input=True*/train-sequence-*",
        "tau is too large by 1e-4 on the way back",
    ),
    (
        "first-state",
        "fused.forward",
        _first_state,
        "neuron",
        _SJ,
        "*",
        _STEPS + "uni/*",
        "the state after the first step instead of the last",
    ),
    (
        "learned-tau",
        "fused.backward",
        _last_step_alone,
        "neuron",
        _SJ,
        "*ParametricLIFNode",
        _STEPS + "uni/*",
        "the time constant learns from the last step alone",
    ),
    (
        "threshold",
        "_more.passed_back",
        _opposite,
        "neuron",
        _BC,
        "*",
        "*requires_thres_grad=True/flat-*",
        "the threshold learns in the other direction",
    ),
    (
        "alpha",
        "_more.passed_back",
        _alpha_once,
        "neuron",
        _BC,
        "*PLIFNode",
        "*/default/flat-uni/*|*/default/groups-uni/*",
        "alpha learns from the last step alone",
    ),
    (
        "scale",
        "fused.backward",
        _last_step_alone,
        "neuron_nonlinear",
        _SJ,
        "*KLIFNode",
        "*/train-sequence/*",
        "the scale learns from the last step alone",
    ),
    (
        "critical",
        "fused.backward",
        _planned(lambda plan: plan._replace(constants=(plan.constants[0], 1.1, *plan.constants[2:]))),
        "neuron_nonlinear",
        _SJ,
        "*QIFNode",
        "*/train-sequence/*",
        "another critical potential on the way back",
    ),
    (
        "adaptation",
        "fused_adaptive.forward",
        _planned(_slower_adaptation),
        "neuron_nonlinear",
        _SJ,
        "*IzhikevichNode",
        "*a=0.3*/train-sequence/*",
        "the time constant of the adaptation is too large by 1e-4",
    ),
    (
        "jump",
        "fused_adaptive.backward",
        _planned(lambda plan: plan._replace(adapt=(*plan.adapt[:3], 0.0))),
        "neuron_nonlinear",
        _SJ,
        "*IzhikevichNode",
        "*b=0.*-grid/train-sequence/*",
        "the jump of the adaptation lets no gradient through",
    ),
    (
        "split",
        "fused_adaptive.backward",
        _planned(lambda plan: plan._replace(reset="hard" if plan.reset == "hard split" else plan.reset)),
        "neuron_nonlinear",
        _SJ,
        "*IzhikevichNode",
        "*v_reset=0.2,detach_reset=True-grid/train-sequence/*",
        "detach_reset reaches the spike that sets v_reset",
    ),
)

for _name, _path, _make, _family, _edition, _symbol, _case, _text in _WRONG:
    _id = f"engine-{_name}"
    patch(_id)(lambda path=_path, make=_make: _replaced(path, make))  # type: ignore[misc]
    add(Mutant(_id, _family, _edition, _text, symbol=_symbol, case=_case, patch=_id))
