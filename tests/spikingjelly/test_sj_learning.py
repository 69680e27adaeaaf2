"""Learning rules against loops over single spikes; learners; monitors."""

from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys

import pytest
import torch
from torch import nn

from unisnn.core import plasticity
from unisnn.spikingjelly.activation_based import functional, layer, learning, monitor, neuron


def spikes(*shape: int, seed: int = 0) -> torch.Tensor:
    return (torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < 0.4).float()


def half(w: torch.Tensor) -> torch.Tensor:
    return 0.5 * w


def square(w: torch.Tensor) -> torch.Tensor:
    return w * w


def test_stdp_of_a_linear_layer_is_a_sum_over_pairs() -> None:
    fc = nn.Linear(3, 2, bias=False).double()
    x, y = spikes(5, 4, 3).double(), spikes(5, 4, 2, seed=1).double()
    p = q = None
    for t in range(5):
        p, q, dw = learning.stdp_linear_single_step(fc, x[t], y[t], p, q, 2.0, 3.0, half, square)
        for o in range(2):
            for i in range(3):
                w = float(fc.weight[o, i].detach())
                expected = 0.0
                for n in range(4):
                    before = sum(0.5 ** (t - s) * float(x[s, n, i]) for s in range(t + 1))
                    after = sum((2 / 3) ** (t - s) * float(y[s, n, o]) for s in range(t + 1))
                    expected += -0.5 * w * after * float(x[t, n, i]) + w * w * before * float(y[t, n, o])
                assert float(dw[o, i]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("given", [{}, {"padding": 1}, {"padding": 1, "stride": 2}])
def test_a_convolution_learns_as_the_linear_layer_of_its_patches(given: dict) -> None:
    conv = nn.Conv2d(2, 3, 2, bias=False, **given).double()
    x = spikes(4, 2, 5, 5).double()
    y = (conv(x) > 0).double()
    trace_x, trace_y = torch.rand_like(x), torch.rand_like(y)
    padded = nn.functional.pad(trace_x, conv._reversed_padding_repeated_twice)
    p, q, dw = learning.stdp_conv2d_single_step(conv, x, y, padded, trace_y, 2.0, 3.0, half, square)

    def patches(z: torch.Tensor) -> torch.Tensor:
        return nn.functional.unfold(z, 2, stride=conv.stride).transpose(1, 2).flatten(0, 1)

    seen = patches(nn.functional.pad(x, conv._reversed_padding_repeated_twice))
    flat = conv.weight.detach().flatten(1)
    places = [each.flatten(2).transpose(1, 2).flatten(0, 1) for each in (y, q)]
    expected = plasticity.stdp_dense(flat, seen, places[0], patches(p), places[1], half, square)
    assert torch.allclose(dw.flatten(1), expected, atol=1e-12)


def test_many_steps_are_a_sum_of_single_ones() -> None:
    fc = nn.Linear(3, 2, bias=False)
    x, y = spikes(6, 4, 3), spikes(6, 4, 2, seed=1)
    *_, dw = learning.stdp_multi_step(fc, x, y, None, None, 2.0, 3.0)
    p = q = None
    total = torch.zeros(2, 3)
    for t in range(6):
        p, q, change = learning.stdp_linear_single_step(fc, x[t], y[t], p, q, 2.0, 3.0)
        total = total + change
    assert torch.equal(dw, total)


def test_eligibility_sums_to_the_change_where_traces_agree() -> None:
    w, x, y = torch.rand(2, 3), spikes(4, 3), spikes(4, 2, seed=1)
    p, q = torch.rand(4, 3), torch.rand(4, 2)
    each = plasticity.eligibility(w, x, y, p, q, half, square)
    assert each.shape == (4, 2, 3)
    assert torch.allclose(each.sum(0), plasticity.stdp_dense(w, x, y, p, q, half, square), atol=1e-6)
    one = plasticity.eligibility_unbatched(w, x[0], y[0], p[0], q[0], half, square)
    assert torch.equal(one, each[0])


def test_exponential_traces() -> None:
    fc, x = nn.Linear(3, 2), spikes(1, 3)
    p, q, _ = learning.mstdp_linear_single_step(fc, x, spikes(1, 2), torch.ones(1, 3), 1.0, 2.0, 4.0)
    assert torch.equal(p, math.exp(-0.5) + x)
    assert torch.equal(q, math.exp(-0.25) + spikes(1, 2))


def learned(step_mode: str, **kwargs: object) -> tuple[nn.Module, neuron.IFNode, learning.STDPLearner]:
    torch.manual_seed(0)
    synapse = layer.Linear(4, 3, bias=False, step_mode=step_mode)
    synapse.weight.data.abs_()
    sn = neuron.IFNode(v_threshold=0.4, step_mode=step_mode)
    return synapse, sn, learning.STDPLearner(step_mode, synapse, sn, 2.0, 3.0, half, square, **kwargs)


def test_both_step_modes_learn_the_same() -> None:
    x = spikes(6, 2, 4)
    changes = []
    for mode in ("s", "m"):
        synapse, sn, learner = learned(mode)
        with torch.no_grad():
            if mode == "m":
                sn(synapse(x))
            else:
                for step in x:
                    sn(synapse(step))
        changes.append(learner.step(on_grad=False, scale=2.0))
    assert torch.equal(changes[0], changes[1])


def test_step_takes_the_change_off_the_gradient() -> None:
    synapse, sn, learner = learned("s")
    twin = copy.deepcopy(synapse)
    seen = []
    for step in spikes(3, 2, 4):
        seen.append((step, sn(synapse(step)).detach()))
    learner.step()
    p = q = None
    expected: torch.Tensor | None = None
    for x, y in seen:
        p, q, dw = learning.stdp_linear_single_step(twin, x, y, p, q, 2.0, 3.0, half, square)
        expected = dw if expected is None else expected + dw
    assert torch.equal(synapse.weight.grad, -expected)
    assert not synapse.weight.grad.requires_grad
    sn(synapse(spikes(2, 4)))
    learner.step(on_grad=True)
    assert not torch.equal(synapse.weight.grad, -expected)
    with pytest.raises(TypeError, match="there is no record"):
        learner.step()


def test_a_learner_can_be_switched_off_and_reset() -> None:
    synapse, sn, learner = learned("s")
    learner.disable()
    sn(synapse(spikes(2, 4)))
    learner.enable()
    assert len(learner.in_spike_monitor.records) == 0
    sn(synapse(spikes(2, 4)))
    learner.step(on_grad=False)
    assert learner.trace_pre is not None
    sn(synapse(spikes(2, 4)))
    functional.reset_net(learner)
    assert learner.trace_pre is None
    assert learner.trace_post is None
    assert len(learner.in_spike_monitor.records) == len(learner.out_spike_monitor.records) == 0
    assert sorted(learner.state_dict()) == ["synapse.weight"]


def test_reward_scales_the_eligibility_of_the_step_before() -> None:
    synapse, sn = layer.Linear(4, 3, bias=False), neuron.IFNode(v_threshold=0.2)
    synapse.weight.data.abs_()
    learner = learning.MSTDPLearner("s", 2, synapse, sn, 2.0, 3.0)
    x = spikes(2, 2, 4)
    with torch.no_grad():
        sn(synapse(x[0]))
        assert float(learner.step(torch.tensor([1.0, 2.0]), on_grad=False).abs().sum()) == 0
        before = learner.eligibility
        sn(synapse(x[1]))
        change = learner.step(torch.tensor([1.0, 2.0]), on_grad=False)
    assert torch.equal(change, before[0] + 2 * before[1])


@pytest.mark.parametrize("kind", [learning.MSTDPLearner, learning.MSTDPETLearner])
def test_rewarded_rules_are_for_linear_layers_in_single_steps(kind: type) -> None:
    sn = neuron.IFNode()
    more = (2,) if kind is learning.MSTDPLearner else ()
    tau = (2.0, 3.0) if kind is learning.MSTDPLearner else (2.0, 3.0, 4.0)
    for mode, synapse in (("m", layer.Linear(4, 3)), ("s", layer.Conv1d(2, 2, 1))):
        made = kind(mode, *more, synapse, sn, *tau)
        with pytest.raises(NotImplementedError, match="expected a Linear layer in step mode 's'"):
            made.step(torch.ones(2))


@pytest.mark.parametrize(("name", "value"), [("dilation", 2), ("groups", 2)])
def test_refused_convolutions_name_the_argument(name: str, value: int) -> None:
    conv = nn.Conv1d(2, 2, 2, **{name: value})
    with pytest.raises(NotImplementedError, match=f"{name}="):
        learning.stdp_conv1d_single_step(conv, spikes(1, 2, 5), spikes(1, 2, 3), None, None, 2.0, 3.0)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 3), neuron.IFNode(), nn.Linear(3, 2), neuron.IFNode())


def test_monitors_record_by_order_and_by_name() -> None:
    net, x = network(), torch.rand(2, 4, requires_grad=True)
    outputs = monitor.OutputMonitor(net, neuron.IFNode)
    inputs = monitor.InputMonitor(net, (nn.Linear,), lambda y: y.sum())
    potentials = monitor.AttributeMonitor("v", False, net, neuron.IFNode)
    before = monitor.AttributeMonitor("v", True, net, neuron.IFNode)
    grad_in = monitor.GradInputMonitor(net, neuron.IFNode)
    grad_out = monitor.GradOutputMonitor(net, neuron.IFNode)
    y = net(x)
    y.sum().backward()
    assert outputs.monitored_layers == ["1", "3"]
    assert torch.equal(outputs["3"][0], y)
    assert torch.equal(inputs[0], x.sum())
    assert inputs.monitored_layers == ["0", "2"]
    assert potentials["1"][0] is net[1].v
    assert before.records == [0.0, 0.0]
    assert torch.equal(grad_out[0], torch.ones_like(y))
    assert grad_in.name_records_index == {"1": [1], "3": [0]}
    with pytest.raises(KeyError):
        outputs["7"]
    with pytest.raises(ValueError, match="int or a module's name"):
        outputs[0:1]


def test_monitors_are_switched_cleared_and_removed() -> None:
    net = network()
    made = monitor.OutputMonitor(net)
    assert made.monitored_layers == [""]
    net(torch.rand(2, 4))
    made.disable()
    net(torch.rand(2, 4))
    assert len(made.records) == 1
    assert not made.is_enable()
    made.enable()
    made.clear_recorded_data()
    assert made.records == []
    assert made[""] == []
    made.remove_hooks()
    net(torch.rand(2, 4))
    assert made.records == []


def test_default_factors_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(learning.stdp_linear_single_step)) is learning.stdp_linear_single_step


def test_import_needs_no_tensorboard() -> None:
    code = (
        "import sys; from unisnn.spikingjelly.activation_based import learning, monitor; "
        "print([n for n in sys.modules if 'tensorboard' in n])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
