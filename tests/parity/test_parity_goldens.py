"""The goldens: readable without pickle, true to the bit, and enough to run without a network."""

from __future__ import annotations

import math
from importlib import resources
from pathlib import Path

import numpy
import pytest
import torch

from unisnn.parity import goldens, oracle, runner
from unisnn.parity.compare import compare_tensors
from unisnn.parity.editions import EDITIONS
from unisnn.parity.goldens import store
from unisnn.parity.goldens.writer import Writer

FOLDER = resources.files("unisnn.parity.goldens")


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor([0.0, -0.0, math.nan, math.inf, 1e-45]),
        torch.tensor([[0.1, -0.0]], dtype=torch.float64),
        torch.tensor([0.1, math.nan, -math.inf], dtype=torch.bfloat16),
        torch.tensor([0.1, 6e-8], dtype=torch.float16),
        torch.tensor([True, False]),
        torch.tensor([-3, 2**40]),
        torch.tensor(1.5),
        torch.ones(2, 0, 3),
    ],
)
def test_arrays_survive_to_the_bit(
    tensor: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer()
    writer.put(torch.zeros(5, dtype=tensor.dtype))
    key, dtype, shape = writer.put(tensor)
    assert writer.put(tensor.clone()) == [key, dtype, shape], "equal arrays are stored once"
    writer.save(tmp_path / "some", {})
    with numpy.load(tmp_path / "some.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    monkeypatch.setattr(store, "_arrays", lambda name: arrays)
    back = store.array("some", key, dtype, shape)
    assert compare_tensors("x", tensor, back) is None
    assert torch.equal(torch.signbit(tensor.double()), torch.signbit(back.double()))


def test_every_edition_without_an_index_is_recorded() -> None:
    for name, edition in EDITIONS.items():
        count = len(goldens.cases(name))
        assert count >= (300 if edition.recorded else 30), name
    assert len(goldens.cases()) == sum(len(goldens.cases(name)) for name in EDITIONS)


def test_every_record_can_be_read_and_says_something() -> None:
    for case in goldens.cases("snngrow-git"):
        out = goldens.recorded(case.id)
        assert out is not None
        assert goldens.names_recorded(case.id)
        assert out.tensors or out.failures
    assert goldens.recorded("no such case") is None


def test_the_files_are_small_and_hold_no_pickle() -> None:
    sizes = 0
    for item in FOLDER.iterdir():
        if item.name.endswith((".json", ".npz")):
            sizes += Path(str(item)).stat().st_size
        if item.name.endswith(".npz"):
            with numpy.load(str(item), allow_pickle=False) as stored:
                assert all(stored[name].dtype.kind in "iu" for name in stored.files)
    assert 0 < sizes < 4_000_000


def test_unisnn_agrees_with_the_repository_head_of_snngrow() -> None:
    report = runner.run(["snngrow-git"], sample=120, seed=2, with_mutants=False)
    assert report.problems() == []
    counts = report.counts()
    assert counts["exact"] >= 60
    assert counts["deviates"] >= 5, "plain spikes and ATan training are deliberate departures"
    assert report.sources == {"snngrow-git": "recorded"}


def test_goldens_stand_in_for_an_oracle_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(name: str, say: object = None) -> Path:
        raise oracle.OracleError("no network")

    monkeypatch.setattr(oracle, "install", offline)
    report = runner.run(["qualia-plugin-snn==2.6.0"])
    assert report.problems() == []
    assert report.sources == {"qualia-plugin-snn==2.6.0": "recorded instead"}
    assert "no network" in report.notes["qualia-plugin-snn==2.6.0"]
    assert report.counts()["cases"] == len(goldens.cases("qualia-plugin-snn==2.6.0"))
    assert report.mutants == []
