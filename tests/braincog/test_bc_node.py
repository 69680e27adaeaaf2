"""BrainCog's nodes: equations, thresholds, state, settings, gradients, errors."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import pytest
import torch
from torch import nn

from unisnn.braincog.base.node import node as N
from unisnn.braincog.base.strategy import surrogate as S
from unisnn.core.absent import Absent, AbsentError, absent_names

NODES = [N.IFNode, N.LIFNode, N.PLIFNode]
COMMON = ["threshold", "v_reset", "dt", "step", "requires_thres_grad", "sigmoid_thres", "requires_fp"]


def sigmoid4(alpha, requires_grad):
    return S.SigmoidGrad(4.0, requires_grad)


def by_hand(kind, xs, threshold, tau, dt, strict):
    """The recurrence with Python numbers: spikes and potentials after reset."""
    mem, spikes, potentials = 0.0, [], []
    for x in xs:
        if kind is N.IFNode:
            mem = mem + x * dt
        elif kind is N.LIFNode:
            mem = mem + (x - mem) / tau
        else:
            mem = mem + (x - mem) / (1 + (tau - 1)) * dt
        fired = mem > threshold if strict else mem >= threshold
        mem = 0.0 if fired else mem
        spikes.append(float(fired))
        potentials.append(mem)
    return spikes, potentials


def test_signatures():
    assert list(inspect.signature(N.BaseNode).parameters) == [
        *COMMON,
        "layer_by_layer",
        "n_groups",
        "args",
        "kwargs",
    ]
    expected = {
        N.IFNode: {"threshold": 0.5, "act_fun": S.AtanGrad},
        N.LIFNode: {"threshold": 0.5, "tau": 2.0, "act_fun": S.QGateGrad},
        N.PLIFNode: {"threshold": 1.0, "tau": 2.0, "act_fun": S.AtanGrad},
    }
    for kind, defaults in expected.items():
        parameters = inspect.signature(kind).parameters
        assert list(parameters) == [*defaults, "args", "kwargs"]
        assert {name: parameters[name].default for name in defaults} == defaults
    node = N.LIFNode(0.6, 3.0, S.SigmoidGrad, 0.1, 0.5, 4, True, False, True, True, 1, "more")
    assert (node.tau, node.v_reset, node.dt, node.step) == (3.0, 0.1, 0.5, 4)
    assert (node.requires_fp, node.layer_by_layer, node.groups) == (True, True, 1)
    assert node.threshold.requires_grad


def test_paths():
    from unisnn.braincog import base
    from unisnn.braincog.base.node import AtanGrad, LIFNode

    assert LIFNode is N.LIFNode is base.node.LIFNode is base.node.node.LIFNode
    assert AtanGrad is S.AtanGrad is base.strategy.surrogate.AtanGrad


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("kind", NODES)
def test_recurrence(kind, strict):
    xs = [0.5, 0.25, 0.0, 1.0, -0.5, 2.0, 0.75, 0.75, 0.75, 1.0]
    act = S.AtanGrad if strict else sigmoid4
    node = kind(threshold=0.5, act_fun=act)
    spikes, potentials = [], []
    for x in xs:
        spikes.append(node(torch.tensor([x])).item())
        potentials.append(node.mem.item())
    assert (spikes, potentials) == by_hand(kind, xs, 0.5, 2.0, 1.0, strict)
    assert sum(spikes) > 1


def test_dt():
    assert N.IFNode(threshold=9.0, dt=0.5)(torch.ones(1)).item() == 0
    for kind, mem in ((N.IFNode, 0.5), (N.LIFNode, 0.5), (N.PLIFNode, 0.25)):
        node = kind(threshold=9.0, dt=0.5)
        node(torch.ones(1))
        assert node.mem.item() == mem  # LIFNode has no dt in its equation


def test_threshold_parameter():
    node = N.IFNode(0.7)
    assert isinstance(node.threshold, nn.Parameter)
    assert not node.threshold.requires_grad
    assert list(node.state_dict()) == ["threshold", "act_fun.alpha"]
    assert N.IFNode(1).threshold.dtype == torch.int64
    assert N.IFNode(1, requires_thres_grad=True).threshold.dtype == torch.float32
    per_channel = N.IFNode([0.5, 1.5])
    assert per_channel(torch.tensor([[1.0, 1.0]])).tolist() == [[1, 0]]


def test_threshold_learns():
    for kind in NODES:
        node = kind(0.5, requires_thres_grad=True)
        node(torch.tensor([0.9, 1.1])).sum().backward()
        assert node.threshold.grad < 0


def test_sigmoid_thres():
    x = torch.tensor([0.6, 0.69])  # sigmoid(0.7) = 0.668
    assert N.IFNode(0.7, sigmoid_thres=True)(x).tolist() == [0, 1]
    assert N.PLIFNode(0.7, sigmoid_thres=True)(2 * x).tolist() == [0, 1]
    assert N.LIFNode(0.7, sigmoid_thres=True)(2 * x).tolist() == [0, 0]  # fires above 0.7 itself
    node = N.IFNode(0.7, sigmoid_thres=True)
    assert torch.equal(node.get_thres(), torch.sigmoid(node.threshold))
    assert N.IFNode(0.7).get_thres() is not None


def test_reset_is_to_zero_and_never_differentiated():
    node = N.IFNode(0.5, act_fun=sigmoid4, v_reset=0.3)
    x = torch.tensor([0.75, 0.125], requires_grad=True)
    node(x)
    assert node.mem.tolist() == [0.0, 0.125]
    node.mem.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0]


def test_n_reset():
    node = N.LIFNode(v_reset=0.3, requires_fp=True, requires_mem=True)
    assert node.mem == 0.0
    node(torch.tensor([2.0]))
    assert (len(node.feature_map), len(node.mem_collect)) == (1, 1)
    assert node.mem_collect[0].item() == 0.0  # after reset
    node.n_reset()
    assert (node.mem, node.spike, node.feature_map, node.mem_collect) == (0.3, 0.0, [], [])


def test_state_carries_over_and_mem_detach_cuts_the_graph():
    x = torch.tensor([0.2], requires_grad=True)
    for detach, gradient in ((False, 0.75), (True, 0.5)):
        node = N.LIFNode(mem_detach=detach)
        node(x)
        node(x)
        assert node.mem.item() == pytest.approx(0.15)
        (found,) = torch.autograd.grad(node.mem.sum(), x)
        assert found.item() == gradient
    node = N.LIFNode(mem_detach=True)
    node.mem = torch.zeros(1)
    node(x)  # upstream needs the spike to be a tensor here
    assert node.mem.item() == pytest.approx(0.1)


def test_settings():
    node = N.LIFNode()
    assert node.get_n_attr("step") == 8
    assert node.get_n_attr("nothing") is None
    node.set_n_warm_up(True)
    assert node.warm_up is True
    node.set_n_threshold(1)
    assert (node.threshold.dtype, node.threshold.item(), node.threshold.requires_grad) == (
        torch.float32,
        1.0,
        False,
    )
    node.set_n_tau(4)
    assert list(node.state_dict()) == ["threshold", "tau", "act_fun.alpha"]
    node(torch.tensor([1.0]))
    assert node.mem.item() == 0.25
    for kind in (N.IFNode, N.PLIFNode):
        with pytest.raises(NotImplementedError, match="no attribute tau"):
            kind().set_n_tau(2.0)


def test_plif_learns_its_time_constant():
    node = N.PLIFNode(tau=3.0)
    assert list(node.state_dict()) == ["threshold", "w", "act_fun.alpha"]
    assert node.w.item() == pytest.approx(-math.log(2.0))
    assert node.w.requires_grad
    assert node.act_fun.alpha.requires_grad
    assert not N.IFNode().act_fun.alpha.requires_grad
    x = torch.tensor([2.0, 2.5])
    node(x).sum().backward()
    assert node.w.grad > 0
    assert node.act_fun.alpha.grad != 0
    with pytest.raises(ValueError, match=r"PLIFNode: tau=1\.0 is not accepted; expected a number above 1"):
        N.PLIFNode(tau=1.0)


@pytest.mark.parametrize("kind", NODES)
def test_act_fun(kind):
    given = []

    def build(**named):
        given.append(named)
        return S.AtanGrad(**named)

    kind(act_fun=build)
    assert given == [{"alpha": 2.0, "requires_grad": kind is N.PLIFNode}]
    assert isinstance(kind(act_fun="SigmoidGrad").act_fun, S.SigmoidGrad)
    assert kind(act_fun="SigmoidGrad").act_fun.alpha.item() == 2.0
    for name in ("Sigmoid", "__import__('os')", "S.AtanGrad", "atan"):
        with pytest.raises(NameError, match=r"act_fun=.* is not accepted; expected one of AtanGrad"):
            kind(act_fun=name)
    for wrong in (S.AtanGrad(), None, 3.0):
        with pytest.raises(TypeError, match=r"act_fun=.* is not accepted; expected a class"):
            kind(act_fun=wrong)


def test_half_precision_potentials_turn_float32_with_the_spike():
    node = N.LIFNode()
    spike = node(torch.ones(2, dtype=torch.float16))
    assert (spike.dtype, node.mem.dtype) == (torch.float32, torch.float32)
    node = N.LIFNode(act_fun="SigmoidGrad")
    spike = node(torch.ones(2, dtype=torch.float64))
    assert (spike.dtype, node.mem.dtype) == (torch.float64, torch.float64)


def test_train_and_eval_are_the_same():
    for kind in NODES:
        train, test = kind(), kind().eval()
        x = torch.rand(6, 5, generator=torch.Generator().manual_seed(0)) * 2
        for step in x:
            assert torch.equal(train(step), test(step))
            assert torch.equal(train.mem, test.mem)


def test_copies():
    node = N.PLIFNode(tau=3.0)
    with torch.no_grad():
        node(torch.tensor([1.0]))
    for other in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        assert torch.equal(other.mem, node.mem)
        assert torch.equal(other.w, node.w)


@pytest.mark.parametrize("arguments", [{"threshold": None}, {"threshold": "1"}, {"dt": None}, {"tau": None}])
def test_errors_name_the_argument(arguments):
    (name,) = arguments
    with pytest.raises(TypeError, match=rf"LIFNode: {name}=.* is not accepted; expected a number"):
        N.LIFNode(**arguments)


def test_unknown_keywords_are_ignored_as_upstream():
    assert N.LIFNode(step_mode="m", num_classes=10).step == 8


def test_base_node_is_abstract_and_extensible():
    with pytest.raises(TypeError, match="abstract"):
        N.BaseNode()

    class Doubling(N.BaseNode):
        def calc_spike(self):
            self.spike = self.mem

        def integral(self, inputs):
            self.mem = 2 * inputs

    node = Doubling(layer_by_layer=True, step=2)
    assert node(torch.ones(4, 3)).tolist() == torch.full((4, 3), 2.0).tolist()


def test_absent_nodes():
    import unisnn.braincog.base.node as package

    assert isinstance(N.IzhNode, Absent)
    assert package.IzhNode is N.IzhNode
    with pytest.raises(AbsentError, match="IzhNode"):
        N.IzhNode()
    assert len(absent_names(N.__name__)) == 23
    with pytest.raises(AttributeError, match="Nothing"):
        _ = N.Nothing
