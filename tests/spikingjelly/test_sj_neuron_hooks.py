"""Subclass hooks run in train and eval, in both step modes; descriptions say what a neuron computes."""

import pytest
import torch

from unisnn.core import layout, spec
from unisnn.spikingjelly.activation_based import base, neuron, surrogate

MODES = [(training, step_mode) for training in (True, False) for step_mode in ("s", "m")]


def _potential(node: neuron.BaseNode, x: torch.Tensor) -> torch.Tensor:
    node(x.unsqueeze(0) if node.step_mode == "m" else x)
    return node.v


class Scaled(neuron.BaseNode):
    """A charge equation of its own on the bare node."""

    def neuronal_charge(self, x: torch.Tensor) -> None:
        """Add a quarter of the input."""
        self.v = self.v + 0.25 * x


class ScaledIF(neuron.IFNode):
    """The same on a library neuron."""

    def neuronal_charge(self, x: torch.Tensor) -> None:
        """Add a quarter of the input."""
        self.v = self.v + 0.25 * x


class EagerLIF(neuron.LIFNode):
    """Fires at half the threshold."""

    def neuronal_fire(self) -> torch.Tensor:
        """Compare with half the threshold."""
        return self.surrogate_function(self.v - self.v_threshold / 2)


class KeepingLIF(neuron.LIFNode):
    """Does not reset."""

    def neuronal_reset(self, spike: torch.Tensor) -> None:
        """Leave v alone."""


class StaticLIF(neuron.LIFNode):
    """Replaces one equation of the charge."""

    @staticmethod
    def neuronal_charge_decay_input_reset0(x: torch.Tensor, v: torch.Tensor, tau: float) -> torch.Tensor:
        """Take the input alone."""
        return x


class DoublingIF(neuron.IFNode):
    """Takes each step with twice the input."""

    def single_step_forward(self, x: torch.Tensor) -> torch.Tensor:
        """Double the input."""
        return super().single_step_forward(2 * x)


@pytest.mark.parametrize(("training", "step_mode"), MODES)
@pytest.mark.parametrize(
    ("kind", "drive", "v"),
    [
        (Scaled, 2.0, 0.5),
        (ScaledIF, 2.0, 0.5),
        (EagerLIF, 1.0, 0.0),
        (KeepingLIF, 4.0, 2.0),
        (StaticLIF, 0.75, 0.75),
    ],
)
def test_hooks_are_honoured(kind: type, drive: float, v: float, training: bool, step_mode: str) -> None:
    node = kind(step_mode=step_mode).train(training)
    assert _potential(node, torch.tensor([drive])).tolist() == [v]


@pytest.mark.parametrize(("training", "step_mode"), MODES)
def test_the_single_step_forward_of_a_subclass_runs_at_every_step(training: bool, step_mode: str) -> None:
    node = DoublingIF(step_mode=step_mode).train(training)
    assert _potential(node, torch.tensor([0.25])).tolist() == [0.5]


@pytest.mark.parametrize(("training", "step_mode"), MODES)
def test_a_hook_of_the_object_is_honoured(training: bool, step_mode: str) -> None:
    node = neuron.IFNode(step_mode=step_mode).train(training)
    node.neuronal_reset = lambda spike: None  # type: ignore[method-assign]
    assert _potential(node, torch.tensor([3.0])).tolist() == [3.0]


def test_a_subclass_without_hooks_keeps_the_rule_of_eval() -> None:
    class Named(neuron.IFNode):
        pass

    x = torch.rand(3, requires_grad=True)
    assert not Named().eval()(x).requires_grad
    assert ScaledIF().eval()(x).requires_grad


def test_the_bare_node_has_no_charge() -> None:
    with pytest.raises(NotImplementedError, match="BaseNode does not define neuronal_charge"):
        neuron.BaseNode()(torch.ones(2))


def test_static_resets() -> None:
    v, spike = torch.tensor([1.5, 0.5]), torch.tensor([1.0, 0.0])
    assert neuron.BaseNode.jit_hard_reset(v, spike, 0.25).tolist() == [0.25, 0.5]
    assert neuron.BaseNode.jit_soft_reset(v, spike, 1.0).tolist() == [0.5, 0.5]


def test_static_charges() -> None:
    x, v = torch.tensor([1.0]), torch.tensor([0.5])
    kind = neuron.LIFNode
    assert kind.neuronal_charge_decay_input_reset0(x, v, 2.0).item() == 0.75
    assert kind.neuronal_charge_decay_input(x, v, 0.25, 2.0).item() == 0.875
    assert kind.neuronal_charge_no_decay_input_reset0(x, v, 2.0).item() == 1.25
    assert kind.neuronal_charge_no_decay_input(x, v, 0.25, 2.0).item() == 1.375


def test_v_becomes_a_tensor_like_the_input() -> None:
    node = neuron.IFNode(v_reset=-0.5)
    node.v_float_to_tensor(torch.ones(2, 3, dtype=torch.float64))
    assert torch.equal(node.v, torch.full((2, 3), -0.5, dtype=torch.float64))


@pytest.mark.parametrize(
    ("node", "charge", "parameters", "eval_rule"),
    [
        (neuron.IFNode(), "charge_if", {}, "hard"),
        (neuron.LIFNode(tau=3.0), "charge_lif_decay_input", {"tau": 3.0}, "hard"),
        (neuron.LIFNode(decay_input=False), "charge_lif", {"tau": 2.0}, "hard:charge_lif_to"),
        (neuron.LIFNode(decay_input=False, v_reset=None), "charge_lif", {"tau": 2.0}, "hard"),
        (neuron.LIFNode(v_reset=0.5), "charge_lif_decay_input_to", {"tau": 2.0, "v_reset": 0.5}, "hard"),
        (
            neuron.LIFNode(v_reset=0.5, decay_input=False),
            "charge_lif_to",
            {"tau": 2.0, "v_reset": 0.5},
            "hard",
        ),
        (neuron.ParametricLIFNode(), "charge_plif_decay_input", {}, "same"),
        (
            neuron.ParametricLIFNode(decay_input=False, v_reset=0.5),
            "charge_plif_to",
            {"v_reset": 0.5},
            "same",
        ),
    ],
)
def test_descriptions(node: neuron.BaseNode, charge: str, parameters: dict, eval_rule: str) -> None:
    described = node.__describe__()
    assert described.charge == charge
    assert dict(described.parameters) == parameters
    assert described.eval_rule == eval_rule
    assert described.symbol == f"activation_based.neuron.{type(node).__name__}"
    assert described.learnable == (("w",) if isinstance(node, neuron.ParametricLIFNode) else ())
    assert described.surrogate == node.surrogate_function.__describe__()
    start = 0.0 if node.v_reset is None else node.v_reset
    assert described.initial == described.restored == spec.values(v=start)
    assert described.layout == layout.STEP


def test_a_description_follows_the_object() -> None:
    node = neuron.IFNode(0.5, None, detach_reset=True, step_mode="m")
    node.set_reset_value("v", 0.125)
    node.v_threshold = torch.nn.Parameter(torch.tensor(0.25))
    described = node.__describe__()
    assert described.reset == spec.ResetSpec("soft", None, detached=True, order="reset_soft")
    assert (described.threshold, described.learnable) == (0.25, ("v_threshold",))
    assert described.restored == spec.values(v=0.125)
    assert described.layout == layout.TIME_FIRST


def test_a_description_reads_upstream_attribute_names_only() -> None:
    class Genuine(base.MemoryModule):
        """Has the attributes of a neuron of SpikingJelly 2.0.0, which lost supported_backends."""

        supported_backends = property()  # type: ignore[assignment]

        def __init__(self) -> None:
            torch.nn.Module.__init__(self)
            self._memories, self._memories_rv = {"v": 0.0}, {"v": 0.0}
            self.tau, self.decay_input, self.v_threshold, self.v_reset = 1.7, False, 1.0, 0.0
            self.detach_reset, self.surrogate_function, self._step_mode = False, surrogate.ATan(), "s"

    described = neuron.LIFNode.__describe__(Genuine())
    assert described.charge == "charge_lif_to"
    assert dict(described.parameters) == {"tau": 1.7, "v_reset": 0.0}
    assert (described.reset.order, described.eval_rule) == ("reset_hard_eval", "same")


@pytest.mark.parametrize("kind", [ScaledIF, EagerLIF, KeepingLIF, DoublingIF])
def test_a_subclass_with_code_of_its_own_is_not_described(kind: type) -> None:
    with pytest.raises(TypeError, match="itself, so no neutral description says what it computes"):
        kind().__describe__()


def test_what_no_description_holds_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="its charge equation is its own"):
        Scaled().__describe__()
    with pytest.raises(TypeError, match=r"surrogate_function=.* has no neutral description"):
        neuron.IFNode(surrogate_function=torch.sign).__describe__()
    node = neuron.IFNode()
    node.v_threshold = torch.ones(3)
    with pytest.raises(TypeError, match=r"v_threshold is a tensor of shape \[3\]"):
        node.__describe__()
