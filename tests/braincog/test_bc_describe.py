"""Neutral descriptions of BrainCog's nodes, read from attributes that upstream's nodes have too."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from unisnn.braincog.base.node import node as N
from unisnn.braincog.base.strategy import surrogate as S
from unisnn.core.spec import NeuronSpec, ResetSpec, SurrogateSpec, neuron_from_dict


def test_lif():
    spec = N.LIFNode(0.75, 3.0, v_reset=0.25, act_fun="SigmoidGrad").__describe__()
    assert spec == NeuronSpec(
        charge="charge_lif_decay_input",
        surrogate=SurrogateSpec("sigmoid_tensor_alpha", (("alpha", 2.0),), fire=">="),
        reset=ResetSpec("hard", 0.0, detached=True, order="reset_to_zero"),
        parameters=(("tau", 3.0),),
        threshold=0.75,
        initial=(("v", 0.0),),
        restored=(("v", 0.25),),
    )
    assert neuron_from_dict(spec.to_dict()) == spec


def test_settings_show():
    spec = N.IFNode(
        0.5, dt=0.5, layer_by_layer=True, requires_thres_grad=True, sigmoid_thres=True, mem_detach=True
    ).__describe__()
    assert (spec.charge, spec.layout) == ("charge_scaled", "folded")
    assert spec.parameters == (("dt", 0.5), ("mem_detach", True))
    assert (spec.learnable, spec.threshold_rule) == (("threshold",), "sigmoid")
    assert N.LIFNode(sigmoid_thres=True).__describe__().threshold_rule == "plain"
    assert N.IFNode(n_groups=2).__describe__().layout == "grouped"


def test_plif():
    node = N.PLIFNode(tau=3.0)
    spec = node.__describe__()
    assert spec.charge == "charge_plif_scaled"
    assert spec.learnable == ("w",)
    assert dict(spec.parameters) == {"dt": 1.0, "w": node.w.item()}
    assert spec.surrogate.learnable == ("alpha",)


def test_tau_as_a_parameter():
    node = N.LIFNode()
    node.set_n_tau(4.0)
    assert dict(node.__describe__().parameters) == {"tau": 4.0}


def test_the_attributes_of_a_foreign_instance_are_enough():
    foreign = type("SigmoidGrad", (nn.Module,), {"__module__": "braincog.base.strategy.surrogate"})()
    foreign.alpha = nn.Parameter(torch.tensor(1.5), requires_grad=False)
    methods = {
        name: vars(N.BaseNode)[name] for name in ("rearrange2node", "rearrange2op", "get_thres", "n_reset")
    }
    own = {name: vars(N.IFNode)[name] for name in ("integral", "calc_spike")}
    kind = type("IFNode", (), {"__module__": "braincog.base.node.node", "forward": None, **methods, **own})
    node = kind()
    vars(node).update(
        vars(
            SimpleNamespace(
                threshold=nn.Parameter(torch.tensor(0.75), requires_grad=False),
                act_fun=foreign,
                dt=1.0,
                v_reset=0.0,
                groups=1,
                layer_by_layer=False,
                sigmoid_thres=False,
                mem_detach=False,
            )
        )
    )
    spec = N.IFNode.__describe__(node)
    assert spec.surrogate == SurrogateSpec("sigmoid_tensor_alpha", (("alpha", 1.5),), fire=">=")
    assert spec == N.IFNode(0.75, act_fun=lambda alpha, requires_grad: S.SigmoidGrad(1.5)).__describe__()


def test_own_code_is_refused():
    class Bursting(N.LIFNode):
        def calc_spike(self):
            super().calc_spike()
            self.spike = self.spike * 2

    class Renamed(N.LIFNode):
        pass

    class OwnSurrogate(S.AtanGrad):
        def forward(self, x):
            return super().forward(x) * 2

    assert Renamed().__describe__() == N.LIFNode().__describe__()
    with pytest.raises(TypeError, match="defines calc_spike itself"):
        Bursting().__describe__()
    with pytest.raises(TypeError, match="cannot be described"):
        N.LIFNode(act_fun=OwnSurrogate).__describe__()
    with pytest.raises(TypeError, match="cannot be described"):
        N.LIFNode(act_fun=lambda alpha, requires_grad: torch.relu).__describe__()
