"""Recipes give the tensors that they describe, the same ones every time."""

from __future__ import annotations

import math

import pytest
import torch

from unisnn.parity import recipes

FLOATS = ("float32", "float64", "float16", "bfloat16")


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_grid_holds_every_edge_with_its_true_neighbours(dtype: str) -> None:
    kind = getattr(torch, dtype)
    points = recipes.make({"kind": "grid", "edges": [0.5, 1 / 3], "dtype": dtype})
    assert points.dtype == kind
    assert points.numel() == 34 + 12 + 3
    assert torch.isnan(points[-3])
    assert points[-2:].tolist() == [math.inf, -math.inf]
    assert math.copysign(1, points[0].item()) == -1
    assert math.copysign(1, points[1].item()) == 1
    middle, inner, outer = points[40:43].double().tolist()
    assert inner < middle < outer
    between = (
        torch.tensor([(inner + middle) / 2, (middle + outer) / 2], dtype=torch.float64).to(kind).double()
    )
    assert set(between.tolist()) <= {inner, middle, outer}, "no number of the dtype lies in between"
    assert (points[43:46] == -points[40:43]).all()


@pytest.mark.parametrize(
    "recipe",
    [
        {"kind": "uniform", "seed": 3, "shape": [4, 3], "low": -2, "high": 2},
        {"kind": "normal", "seed": 3, "shape": [4, 3]},
        {"kind": "steps", "seed": 3, "shape": [4, 3], "low": -1, "high": 1, "step": 0.25},
        {"kind": "binary", "seed": 3, "shape": [40, 3], "p": 0.3},
    ],
)
def test_seeded_recipes_repeat_and_differ_between_seeds(recipe: dict[str, object]) -> None:
    torch.manual_seed(0)
    first = recipes.make(recipe)
    torch.manual_seed(1)
    assert torch.equal(first, recipes.make(recipe))
    assert not torch.equal(first, recipes.make({**recipe, "seed": 4}))


def test_steps_lie_on_the_grid() -> None:
    x = recipes.make({"kind": "steps", "shape": [100], "low": -1, "high": 1, "step": 0.25})
    assert torch.equal(x * 4, (x * 4).round())
    assert (x.min().item(), x.max().item()) == (-1.0, 1.0)


def test_the_varied_gradient_is_the_documented_one() -> None:
    wanted = [(((7 * i) % 33) - 16) / 8 for i in range(64)]
    assert recipes.make({"kind": "varied", "shape": [64]}).tolist() == wanted


def test_layouts() -> None:
    base = {"kind": "normal", "seed": 1, "shape": [2, 3, 4, 5]}
    x = recipes.make(base)
    for layout in ("strided", "transposed", "channels_last"):
        other = recipes.make({**base, "layout": layout})
        assert torch.equal(other, x)
        assert not other.is_contiguous()
    expanded = recipes.make({**base, "layout": "expanded"})
    assert expanded.shape == (3, 2, 3, 4, 5)
    assert expanded.stride(0) == 0


def test_numbers_that_json_cannot_write() -> None:
    x = recipes.make({"kind": "values", "values": ["nan", "-inf", "-0x1.8p-3", 2], "dtype": "float64"})
    assert torch.isnan(x[0])
    assert x[1:].tolist() == [-math.inf, -0.1875, 2.0]


@pytest.mark.parametrize(
    "recipe",
    [
        {"kind": "magic"},
        {"kind": "full", "shape": [1], "dtype": "f4"},
        {"kind": "full", "shape": [1], "layout": "x"},
    ],
)
def test_unknown_words_are_named(recipe: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="is not accepted; expected"):
        recipes.make(recipe)
