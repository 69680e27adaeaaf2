"""Descriptions: of neurons, surrogates and whole models; true to what the modules compute."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

import unisnn
from unisnn.braincog.base.node import node as bc
from unisnn.braincog.base.strategy import surrogate as bcs
from unisnn.convert.drives import probe
from unisnn.convert.execute import run
from unisnn.convert.parts import from_spec, tensors_of
from unisnn.convert.simulate import simulate
from unisnn.convert.tree import read
from unisnn.core.spec import LayerSpec, NeuronSpec, SurrogateSpec, neuron_from_dict
from unisnn.qualia_plugin_snn.learningmodel.pytorch.layers import CustomNode as qu
from unisnn.snngrow.base.neuron.IFNode import IFNode as SGIF
from unisnn.snngrow.base.neuron.LIFNode import LIFNode as SGLIF
from unisnn.spikingjelly.activation_based import layer
from unisnn.spikingjelly.activation_based import neuron as sj
from unisnn.spikingjelly.activation_based import surrogate as sjs

NEURONS = {
    "sj-IF": sj.IFNode,
    "sj-IF-soft": lambda: sj.IFNode(v_reset=None, v_threshold=0.7),
    "sj-LIF": lambda: sj.LIFNode(tau=1.7, v_reset=0.2),
    "sj-LIF-no-decay": lambda: sj.LIFNode(tau=1.7, decay_input=False),
    "sj-LIF-no-decay-to": lambda: sj.LIFNode(tau=1.7, decay_input=False, v_reset=-0.1),
    "sj-PLIF": lambda: sj.ParametricLIFNode(init_tau=1.5),
    "sj-PLIF-no-decay-to": lambda: sj.ParametricLIFNode(init_tau=3.0, decay_input=False, v_reset=0.1),
    "sg-IF": SGIF,
    "sg-LIF": lambda: SGLIF(tau=1.7, v_reset=None),
    "sg-LIF-no-decay-to": lambda: SGLIF(tau=1.7, v_reset=0.2, decay_input=False),
    "bc-IF": lambda: bc.IFNode(0.7, dt=0.5),
    "bc-IF-sigmoid": lambda: bc.IFNode(0.7, sigmoid_thres=True),
    "bc-LIF": bc.LIFNode,
    "bc-PLIF": lambda: bc.PLIFNode(1.0, tau=3.0, dt=0.5),
    "qu-IFSRL": qu.IFSRL,
}


@pytest.mark.parametrize("name", NEURONS)
@pytest.mark.parametrize("training", [True, False])
def test_the_description_is_what_the_neuron_computes(name, training):
    """Run the equations that the description names, and nothing else, beside the neuron itself."""
    torch.manual_seed(0)
    node = NEURONS[name]().train(training)
    spec = unisnn.describe(node)
    _, other, in_eval = spec.eval_rule.partition(":")
    if other and not training:
        spec = replace(spec, charge=in_eval)
    drive = probe(spec, seed=1)
    with torch.no_grad():
        spikes = run(node, drive, "step")
    _, expected, states = simulate(spec, drive)
    assert torch.equal(spikes, expected)
    state = node.mem if hasattr(node, "mem") else node.v
    assert torch.equal(state, states[-1])
    assert spikes.sum() > 0


def test_another_charge_in_eval_mode_is_named():
    spec = unisnn.describe(sj.LIFNode(tau=1.7, decay_input=False))
    assert spec.charge == "charge_lif"
    assert spec.eval_rule == "hard:charge_lif_to"


@pytest.mark.parametrize("name", NEURONS)
def test_descriptions_survive_json(name):
    spec = unisnn.describe(NEURONS[name]())
    assert isinstance(spec, NeuronSpec)
    assert neuron_from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_surrogates_describe_themselves():
    assert unisnn.describe(sjs.Sigmoid(3.0)) == SurrogateSpec("sigmoid", (("alpha", 3.0),))
    spec = unisnn.describe(bcs.AtanGrad())
    assert (spec.family, spec.fire, spec.learnable) == ("atan_tensor_alpha", ">", ("alpha",))


def test_what_learns_is_what_has_a_gradient():
    node = sj.ParametricLIFNode(init_tau=3.0)
    spec = unisnn.describe(node)
    assert spec.learnable == ("w",)
    assert dict(spec.parameters)["w"] == node.w.item()
    node.w.requires_grad_(False)
    assert unisnn.describe(node).learnable == ()
    assert unisnn.describe(qu.IFSRL()).learnable == ("threshold",)


def network():
    return nn.Sequential(
        layer.Conv2d(1, 2, 3, padding=1, step_mode="m"),
        layer.BatchNorm2d(2, step_mode="m"),
        sj.IFNode(step_mode="m"),
        layer.SeqToANNContainer(nn.MaxPool2d(2), nn.Flatten()),
        layer.Linear(32, 5, bias=False, step_mode="m"),
        sj.ParametricLIFNode(step_mode="m"),
    )


def test_a_model_is_a_tree_of_layers():
    spec = unisnn.describe(network())
    assert isinstance(spec, LayerSpec)
    assert [child.kind for _, child in spec.children] == ["fold", "fold", "neuron", "fold", "fold", "neuron"]
    convolution = dict(spec.children[0][1].children[0][1].arguments)
    assert convolution["class"] == "torch.nn.Conv2d"
    assert (convolution["in_channels"], convolution["padding"], convolution["bias"]) == (1, (1, 1), True)
    assert spec.children[2][1].neuron.layout == "time_first"


def test_a_tree_travels_as_json_and_tensors():
    root = read(network())
    tensors = tensors_of(root)
    spec = LayerSpec.from_dict(json.loads(json.dumps(root.spec().to_dict())))
    assert spec == root.spec()
    again = from_spec(spec, tensors)
    assert again.spec() == spec
    assert tensors_of(again).keys() == tensors.keys()
    assert all(torch.equal(value, tensors_of(again)[name]) for name, value in tensors.items())


def test_only_modules_can_be_described():
    with pytest.raises(TypeError, match=r"expected an nn\.Module"):
        unisnn.describe(3)


def test_importing_unisnn_alone_imports_no_torch():
    import subprocess
    import sys

    code = "import sys, unisnn; unisnn.__version__; dir(unisnn); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_public_face():
    assert unisnn.convert.convert.__module__ == "unisnn.convert.model"
    assert callable(unisnn.convert)
    assert unisnn.prove is unisnn.convert.prove
    with pytest.raises(AttributeError, match="no attribute 'invert'"):
        unisnn.invert  # noqa: B018
