"""``clock_driven``: equations by hand, memories, backends as requests, containers, imports."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn

from unisnn import spikingjelly
from unisnn.core.absent import AbsentError
from unisnn.spikingjelly.activation_based import base as activation_base
from unisnn.spikingjelly.activation_based import neuron as activation_neuron
from unisnn.spikingjelly.clock_driven import base, encoding, functional, layer, neuron, surrogate

SINGLE = {"IFNode": {}, "LIFNode": {"tau": 1.7}, "ParametricLIFNode": {"init_tau": 1.7}, "EIFNode": {}}
SINGLE["GeneralNode"] = {"a": 0.5, "b": 0.7, "c": 0.1}


def drive(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1)) * 2


@pytest.mark.parametrize("name", SINGLE)
def test_multi_step_is_the_single_step_repeated(name):
    x = drive(6, 3, 4)
    one, many = getattr(neuron, name)(**SINGLE[name]), getattr(neuron, f"MultiStep{name}")(**SINGLE[name])
    expected, states = [], []
    for step in x:
        expected.append(one(step))
        states.append(one.v)
    assert torch.equal(many(x), torch.stack(expected))
    assert torch.equal(many.v_seq, torch.stack(states))
    assert torch.equal(many.v, many.v_seq[-1])
    assert isinstance(many, type(one))


def test_lif_by_hand():
    node = neuron.LIFNode(tau=2.0, v_reset=0.5)
    spikes = [node(torch.tensor([x])).item() for x in (0.5, 1.2, 0.25)]
    assert spikes == [0.0, 1.0, 0.0]  # 0.5 + 0.25; 0.75 + (1.2 - 0.25)/2; 0.5 + 0.25/2
    assert node.v.item() == pytest.approx(0.625)


def test_quadratic_and_linear_neurons_by_hand():
    node = neuron.QIFNode(tau=2.0, v_c=0.8, a0=1.5, v_rest=0.0, v_reset=-0.1)
    node(torch.tensor([0.4]))
    assert node.v.item() == pytest.approx(-0.1 + (0.4 + 1.5 * (-0.1) * (-0.9)) / 2)
    general = neuron.GeneralNode(0.5, 2.0, 0.1)
    general(torch.tensor([0.3]))
    general(torch.tensor([0.1]))
    assert general.v.item() == pytest.approx(0.5 * 0.7 + 0.2 + 0.1)
    assert sorted(general.state_dict()) == ["a", "b", "c"]


def test_adaptive_node_adapts():
    class Node(neuron.AdaptiveBaseNode):
        def neuronal_charge(self, x):
            self.v = self.v + x - self.w

    node = Node(w_rest=0.0, tau_w=2.0, a=0.5, b=0.25)
    assert node(torch.tensor([1.0])).item() == 1.0
    assert node.w.item() == pytest.approx(0.5 * 0.5 + 0.25)
    node.reset()
    assert node.w == 0.0


def test_liaf_gives_the_activation():
    node = neuron.LIAFNode(torch.tanh, threshold_related=True, tau=2.0)
    assert torch.equal(node(torch.tensor([3.0])), torch.tanh(torch.tensor([0.5])))
    assert node.v.item() == 0.0


def test_reset_restores_threshold_and_reset_value():
    node = neuron.IFNode()
    node.v_threshold = 0.3
    node(torch.ones(2))
    assert [name for name, _ in node.named_memories()] == ["v", "v_threshold", "v_reset"]
    functional.reset_net(nn.Sequential(node))
    assert (node.v, node.v_threshold, node.v_reset) == (0.0, 1.0, 0.0)


@pytest.mark.parametrize("name", ["MultiStepIFNode", "MultiStepLIFNode", "MultiStepParametricLIFNode"])
def test_cupy_is_a_request_told_once(name, caplog, monkeypatch):
    monkeypatch.setattr(activation_base, "_told", set())
    with caplog.at_level(logging.INFO, logger="unisnn"):
        nodes = [getattr(neuron, name)(backend="cupy", detach_reset=True) for _ in range(3)]
    assert len(caplog.records) == 1
    assert nodes[0].backend == "cupy"
    assert "backend=cupy" in repr(nodes[0])
    x = drive(4, 2, 3)
    assert torch.equal(nodes[0](x), getattr(neuron, name)(detach_reset=True)(x))


def test_other_backends_are_refused():
    with pytest.raises(NotImplementedError, match="abacus"):
        neuron.check_backend("abacus")
    with pytest.raises(AssertionError, match="Lava"):
        neuron.MultiStepIFNode(backend="lava")
    with pytest.raises(ValueError, match="decay_input=True"):
        neuron.MultiStepLIFNode().to_lava()


def test_bad_arguments_are_named():
    with pytest.raises(AssertionError, match=r"LIFNode: tau=1\.0 .*greater than 1"):
        neuron.LIFNode(tau=1.0)
    with pytest.raises(AssertionError, match=r"v_rest=-1\.0"):
        neuron.QIFNode(v_rest=-1.0)
    with pytest.raises(ValueError, match="at least one time step"):
        neuron.MultiStepIFNode()(torch.zeros(0, 2))


def test_eval_is_differentiable():
    x = drive(3, 2).requires_grad_()
    node = neuron.LIFNode().eval()
    node(x).sum().backward()
    assert bool((x.grad != 0).any())


def test_pickle_and_deepcopy_keep_the_state():
    node = neuron.MultiStepLIFNode(tau=1.7)
    node(drive(3, 2, 2))
    for twin in (copy.deepcopy(node), pickle.loads(pickle.dumps(node))):
        assert torch.equal(twin.v, node.v)
        assert torch.equal(twin.v_seq, node.v_seq)
    assert type(node).__module__ == "unisnn.spikingjelly.clock_driven.neuron"


def test_describe_names_the_equation():
    spec = neuron.MultiStepLIFNode(tau=1.7, decay_input=False, v_reset=0.2, detach_reset=True).__describe__()
    assert (spec.charge, spec.layout, spec.reset.detached) == ("charge_lif_to", "time_first", True)
    assert neuron.IFNode().__describe__().layout == "step"
    assert neuron.QIFNode().__describe__().charge == "charge_qif"
    with pytest.raises(TypeError, match="AdaptiveBaseNode"):
        neuron.AdaptiveBaseNode().__describe__()


def test_surrogates_are_shared_and_the_window_is_high():
    from unisnn.spikingjelly.activation_based import surrogate as shared

    assert surrogate.ATan is shared.ATan
    x = torch.zeros(1, requires_grad=True)
    module = surrogate.PiecewiseLeakyReLU(w=0.5)
    module(x).backward()
    assert x.grad.item() == 2.0
    assert pickle.loads(pickle.dumps(module)).__describe__().family == "piecewise_leaky_relu_full_height"
    assert isinstance(module, shared.PiecewiseLeakyReLU)


def test_containers():
    x = drive(4, 3, 5)
    linear = nn.Linear(5, 2)
    folded = layer.SeqToANNContainer(linear, nn.ReLU())
    assert torch.equal(folded(x), linear(x.flatten(0, 1)).relu().unflatten(0, (4, 3)))
    stepped = layer.MultiStepContainer(linear, neuron.IFNode())
    twin = neuron.MultiStepIFNode()
    assert torch.equal(stepped(x), twin(torch.stack([linear(step) for step in x])))
    recurrent = layer.LinearRecurrentContainer(neuron.IFNode(), 5, 5)
    assert recurrent.rc.weight.shape == (5, 10)
    first = recurrent(x[0])
    recurrent.reset()
    assert recurrent.y is None
    recurrent.sub_module.reset()
    assert torch.equal(recurrent(x[0]), first)


def test_dropout_keeps_its_mask():
    torch.manual_seed(0)
    many = layer.MultiStepDropout(0.5)
    y = many(torch.ones(4, 3, 50))
    assert torch.equal(y[0], y[3])
    assert set(y.unique().tolist()) == {0.0, 2.0}
    mask = many.mask
    many.reset()
    assert many.mask is None
    assert not torch.equal(many(torch.ones(4, 3, 50))[0], mask)
    assert torch.equal(many.eval()(torch.ones(2, 3)), torch.ones(2, 3))


def test_synapse_filter_and_fusion_by_hand():
    synapse = layer.SynapseFilter(tau=4.0)
    values = [synapse(torch.tensor([s])).item() for s in (1.0, 0.0, 1.0)]
    assert values == pytest.approx([1.0, 0.75, 1.75])
    torch.manual_seed(0)
    fusible = layer.ConvBatchNorm2d(2, 3, 3).train()
    fusible(torch.rand(4, 2, 5, 5))
    x = torch.rand(2, 2, 5, 5)
    torch.testing.assert_close(fusible.get_fused_conv()(x), fusible.eval()(x))


def test_spike_clusters_by_hand():
    v = torch.tensor([0.0, 1.2, 0.5, 0.1, 0.4, 1.1, 1.3, 0.2, 0.9, 0.1]).unsqueeze(1)
    count, positive, negative = functional.spike_cluster(v, 1.0, 1)
    assert count.item() == 2
    assert negative.flatten().nonzero().item() == 1
    assert positive.flatten().nonzero().item() == 8


def test_similarity_loss_by_hand():
    spikes = torch.eye(2).unsqueeze(-1)
    labels = torch.eye(2)
    assert functional.spike_similar_loss(spikes, labels).item() == pytest.approx(0.0, abs=1e-6)
    with pytest.raises(NotImplementedError, match="cosine"):
        functional.kernel_dot_product(labels, labels, "cosine")


def test_encoders_by_hand():
    latency = encoding.LatencyEncoder(4)
    steps = torch.stack([latency(torch.tensor([1.0, 0.0])), *(latency() for _ in range(3))])
    assert steps.tolist() == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 1.0]]
    phase = encoding.WeightedPhaseEncoder(3)
    digits = torch.stack([phase(torch.tensor([0.625])), phase(), phase()])
    assert digits.flatten().tolist() == [1.0, 0.0, 1.0]
    rate = torch.stack([encoding.PoissonEncoder()(torch.full((2000,), 0.3)) for _ in range(5)])
    assert rate.mean().item() == pytest.approx(0.3, abs=0.03)


def test_memory_module_has_no_step_mode():
    module = base.MemoryModule()
    assert not hasattr(module, "step_mode")
    assert not isinstance(neuron.LIFNode(), activation_neuron.BaseNode)


def test_everything_is_reachable_and_nothing_is_imported_early():
    assert spikingjelly.clock_driven.__name__ == "unisnn.spikingjelly.clock_driven"
    assert spikingjelly.neuron is activation_neuron
    code = (
        "import sys, unisnn.spikingjelly; assert 'unisnn.spikingjelly.clock_driven' not in sys.modules; "
        "from unisnn.spikingjelly.cext.neuron import MultiStepIFNode; "
        "from unisnn.spikingjelly.clock_driven import neuron; "
        "assert issubclass(MultiStepIFNode, neuron.MultiStepIFNode)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", ["neuron_kernel", "model.train_imagenet"])
def test_what_is_absent_imports_and_says_why(module):
    import importlib

    from unisnn.core import absent

    found = importlib.import_module(f"unisnn.spikingjelly.clock_driven.{module}")
    names = absent.absent_names(found.__name__)
    assert names
    with pytest.raises(AbsentError, match="absent from unisnn"):
        getattr(found, next(iter(names)))()
