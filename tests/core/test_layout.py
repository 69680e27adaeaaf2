"""Time layouts: folding and splitting are views, and the modules undo what they did."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from unisnn.core.layout import FoldTime, SplitTime, StepTime, fold, set_time_steps, split

X = torch.arange(3 * 2 * 5, dtype=torch.float32).reshape(3, 2, 5)


class Shapes(nn.Module):
    """Remembers the shapes that it saw."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(tuple(x.shape))
        return x * 2


def test_row_t_n_is_row_t_times_batch_plus_n():
    folded = fold(X)
    assert all(torch.equal(folded[t * 2 + n], X[t, n]) for t in range(3) for n in range(2))
    assert torch.equal(split(folded, 3), X)
    assert folded.data_ptr() == X.data_ptr() == split(folded, 3).data_ptr()


@pytest.mark.parametrize(
    ("build", "x", "seen"),
    [
        (FoldTime, X, [(6, 5)]),
        (StepTime, X, [(2, 5)] * 3),
        (lambda module: SplitTime(module, T=3), X.flatten(0, 1), [(3, 2, 5)]),
        (lambda module: FoldTime(SplitTime(module)), X, [(3, 2, 5)]),
        (lambda module: FoldTime(SplitTime(StepTime(module))), X, [(2, 5)] * 3),
    ],
)
def test_the_layout_changes_inside_only(build, x, seen):
    inner = Shapes()
    y = build(inner)(x)
    assert torch.equal(y, x * 2)
    assert inner.seen == seen


def test_the_number_of_steps_follows_the_input():
    module = FoldTime(SplitTime(nn.Identity()))
    for time_steps in (1, 4, 2):
        assert module(torch.zeros(time_steps, 3, 2)).shape == (time_steps, 3, 2)
        assert time_steps == module[0].T


def test_only_folded_neurons_are_told():
    class Folded(nn.Module):
        def __init__(self, flag, name):
            super().__init__()
            setattr(self, flag, True)
            setattr(self, name, 1)

    parts = nn.ModuleList(
        [Folded("parallel_optim", "T"), Folded("layer_by_layer", "step"), Folded("other", "T")]
    )
    set_time_steps(parts, 7)
    assert (parts[0].T, parts[1].step, parts[2].T) == (7, 7, 1)


def test_keys_are_those_of_a_sequence():
    assert (
        FoldTime(nn.Linear(2, 2), nn.ReLU()).state_dict().keys()
        == nn.Sequential(nn.Linear(2, 2)).state_dict().keys()
    )


def test_gradients_flow():
    x = X.clone().requires_grad_()
    FoldTime(nn.Identity())(x).sum().backward()
    assert torch.equal(x.grad, torch.ones_like(X))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: fold(torch.zeros(3)),
            r"fold: an input of shape \[3\] is not accepted; expected \[T, N, \*\]",
        ),
        (lambda: split(torch.zeros(5, 2), 2), r"split: an input of shape \[5, 2\] with T=2 is not accepted"),
        (lambda: split(torch.zeros(()), 1), "split: an input of shape"),
        (lambda: split(torch.zeros(4), 0), "T=0 is not accepted"),
        (lambda: FoldTime(nn.Identity())(torch.zeros(0, 2)), "FoldTime: .* expected T >= 1"),
        (lambda: SplitTime(nn.Identity(), T=3)(torch.zeros(4, 2)), "SplitTime: .* T=3 is not accepted"),
        (lambda: StepTime(nn.Identity())(torch.zeros(0, 2)), "StepTime: .*T >= 1"),
    ],
)
def test_bad_inputs_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
