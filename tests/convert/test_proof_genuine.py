"""Moves into the genuine libraries, run in their own processes, and from there back into unisnn."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from unisnn.convert import ConversionError
from unisnn.parity.moves import move_to_genuine
from unisnn.spikingjelly.activation_based import layer
from unisnn.spikingjelly.activation_based import neuron as sj
from unisnn.spikingjelly.activation_based import surrogate as sjs

pytestmark = pytest.mark.oracle

IMAGES = torch.rand(4, 3, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2


def network(surrogate, **node):
    torch.manual_seed(0)
    return nn.Sequential(
        layer.Conv2d(1, 4, 3, padding=1, bias=False, step_mode="m"),
        layer.BatchNorm2d(4, step_mode="m"),
        sj.LIFNode(v_threshold=0.5, surrogate_function=surrogate, step_mode="m", **node),
        layer.MaxPool2d(2, step_mode="m"),
        layer.Flatten(step_mode="m"),
        layer.Linear(64, 5, step_mode="m"),
        sj.IFNode(v_threshold=0.25, surrogate_function=surrogate, step_mode="m", **node),
    )


@pytest.mark.parametrize(
    ("edition", "bitwise"),
    [
        ("spikingjelly==0.0.0.0.14", True),
        ("snngrow==0.1.1a1", True),
        ("braincog==0.2.7.19", False),
        ("spikingjelly==2.0.0", False),
    ],
)
def test_a_network_in_a_genuine_library_and_back(edition, bitwise):
    moves = move_to_genuine(network(sjs.Sigmoid(4.0), detach_reset=True), edition, IMAGES)
    assert moves.back is not None
    for report in (moves.there, moves.back):
        assert report.verdict == "exact"
        assert (report.spikes_equal, report.outputs_equal, report.states_equal) == (True, True, True)
        assert report.prediction_agreement == 1.0
        assert all(row.spikes > 0 and row.probe_differing == 0 for row in report.layers)
        assert (report.max_grad_diff == 0.0) == bitwise
    library, _, version = edition.partition("==")
    assert moves.there.genuine
    assert moves.there.versions[library] == version
    assert (moves.there.target, moves.back.source, moves.back.target) == (edition, edition, "spikingjelly")
    assert not moves.back.genuine


def test_a_strict_surrogate_in_genuine_braincog():
    moves = move_to_genuine(network(sjs.ATan(), detach_reset=True), "braincog==0.2.7.19", IMAGES)
    assert moves.there.verdict in ("exact", "close")
    assert moves.there.spikes_equal
    assert any("float32 only" in note for note in moves.there.notes)


def test_soft_reset_in_genuine_qualia():
    torch.manual_seed(0)
    source = nn.Sequential(layer.Linear(6, 8, step_mode="m"), sj.IFNode(v_reset=None, step_mode="m"))
    x = torch.rand(4, 3, 6, generator=torch.Generator().manual_seed(1)) * 3
    moves = move_to_genuine(source, "qualia-plugin-snn==2.6.0", x)
    assert moves.back is not None
    assert moves.there.verdict == moves.back.verdict == "exact"
    assert moves.there.layers[0].kind == ("IFNode", "IFSRL")


def test_what_a_genuine_library_cannot_do_is_refused_by_name():
    with pytest.raises(
        ConversionError, match=r"layer 2 \(LIFNode\): field reset.kind='soft': braincog resets to 0 only"
    ):
        move_to_genuine(network(sjs.Sigmoid(), v_reset=None), "braincog==0.2.7.19", IMAGES)


def test_modules_of_this_process_do_not_travel():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.node = sj.IFNode(step_mode="m")

        def forward(self, x):
            return self.node(x)

    with pytest.raises(ConversionError, match="travel to another process"):
        move_to_genuine(Own(), "snngrow==0.1.1a1", IMAGES)
    node = sj.IFNode(step_mode="m")
    with pytest.raises(ConversionError, match="occurs twice"):
        move_to_genuine(nn.Sequential(node, node), "snngrow==0.1.1a1", IMAGES)
