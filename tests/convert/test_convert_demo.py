"""The demo's parts: data, training, moves, and what a run counts as a success."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
import torch

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def demo():
    sys.path.insert(0, str(EXAMPLES))
    try:
        spec = importlib.util.spec_from_file_location("demo", EXAMPLES / "demo.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(EXAMPLES))


def test_a_trained_network_moves(demo, tmp_path):
    torch.manual_seed(0)
    digits = demo.data.load(0)
    assert (len(digits.train_labels), len(digits.test_labels)) == (1347, 450)
    net = demo.network.build()
    history = []
    demo.network.train(net, digits, 2, 0, lambda *facts: history.append(facts))
    assert history[-1][2] > 0.8
    inputs = demo.network.over_time(digits.test_images[:40])
    made = [*demo.moves.inside(net.eval(), inputs), demo.moves.impossible(inputs)]
    assert [one.verdict for one in made] == ["exact"] * 5 + ["refused"]
    assert set(made[0].summary()) == {
        *("from", "to", "genuine", "verdict", "spikes_equal", "prediction_agreement", "max_grad_diff")
    }
    assert "reset.kind='soft'" in made[-1].reason
    for one in made:
        one.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 5
    counts = {"unexplained": 0, "mutants": 3, "mutants_rejected": 3}
    assert demo.complaints(0.97, made, counts) == []
    assert len(demo.complaints(0.9, made[:-1], {**counts, "unexplained": 1, "mutants_rejected": 2})) == 4
