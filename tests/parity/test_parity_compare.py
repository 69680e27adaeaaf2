"""The comparison: every way in which two outputs can differ is seen, and nothing else is."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unisnn.parity.case import Case
from unisnn.parity.compare import Verdict, compare_tensors, differences, ulp_distance
from unisnn.parity.outputs import Outputs
from unisnn.parity.results import verdict_of

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def outputs(**named: object) -> Outputs:
    out = Outputs()
    for name, value in named.items():
        if isinstance(value, Exception):
            out.fail(name, value)
        else:
            out.put(name, value)
    return out


def verdict(upstream: Outputs, unisnn: Outputs) -> str:
    return verdict_of(differences(upstream, unisnn))


def neighbour(x: torch.Tensor) -> torch.Tensor:
    bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    return (x.view(bits) + 1).view(x.dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_one_ulp_in_forward_is_unexplained_and_in_a_gradient_close(dtype: torch.dtype) -> None:
    x = torch.tensor([0.3, -1.7, 2.5], dtype=dtype)
    off = x.clone()
    off[1] = neighbour(x[1:2])[0]
    assert verdict(outputs(forward=x), outputs(forward=off)) == Verdict.UNEXPLAINED
    assert verdict(outputs(grad=x), outputs(grad=off)) == Verdict.CLOSE
    found = compare_tensors("forward", x, off)
    assert found is not None
    assert (found.max_ulp, found.count, found.first["index"]) == (1, 1, [1])


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_gradient_beyond_two_eps_of_the_largest_term_is_unexplained(dtype: torch.dtype) -> None:
    x = torch.tensor([1.0], dtype=dtype)
    off = x * (1 + 4 * torch.finfo(dtype).eps)
    assert verdict(outputs(grad=x), outputs(grad=off)) == Verdict.UNEXPLAINED
    scaled = outputs(grad=x)
    scaled.tensors["scale/grad"] = torch.tensor([4.0], dtype=dtype)
    assert verdict(scaled, outputs(grad=off)) == Verdict.CLOSE


def test_the_scale_of_unisnns_own_side_counts_for_nothing() -> None:
    ours = outputs(grad=torch.tensor([1.1]))
    ours.tensors["scale/grad"] = torch.tensor([1e9])
    assert verdict(outputs(grad=torch.tensor([1.0])), ours) == Verdict.UNEXPLAINED


@pytest.mark.parametrize("name", ["forward", "grad"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_the_sign_of_zero_counts(name: str, dtype: torch.dtype) -> None:
    plus, minus = torch.tensor([0.0], dtype=dtype), torch.tensor([-0.0], dtype=dtype)
    found = compare_tensors(name, plus, minus)
    assert found is not None
    assert found.max_ulp == 1
    assert found.first == {"index": [0], "upstream": "0.0", "unisnn": "-0.0"}


@pytest.mark.parametrize("dtype", FLOATS)
def test_any_nan_equals_any_nan_and_nothing_else(dtype: torch.dtype) -> None:
    nan = torch.tensor([math.nan], dtype=dtype)
    other = neighbour(nan)
    assert torch.isnan(other).all()
    assert compare_tensors("forward", nan, other) is None
    for value in (0.0, math.inf, -math.inf):
        wrong = torch.tensor([value], dtype=dtype)
        for a, b in ((nan, wrong), (wrong, nan)):
            assert verdict(outputs(grad=a), outputs(grad=b)) == Verdict.UNEXPLAINED


def test_infinities_are_not_close_to_large_numbers() -> None:
    largest = torch.tensor([torch.finfo(torch.float32).max])
    assert verdict(outputs(grad=largest), outputs(grad=torch.tensor([math.inf]))) == Verdict.UNEXPLAINED


def test_dtype_and_shape_count() -> None:
    x = torch.ones(2, 3)
    for wrong, kind in (
        (x.double(), "dtype"),
        (x.bool(), "dtype"),
        (x.reshape(3, 2), "shape"),
        (x[:1], "shape"),
    ):
        found = compare_tensors("forward", x, wrong)
        assert found is not None
        assert found.kind == kind
        assert verdict(outputs(grad=x), outputs(grad=wrong)) == Verdict.UNEXPLAINED


def test_empty_and_0_dim_tensors_agree_with_themselves_only() -> None:
    assert compare_tensors("x", torch.ones(2, 0), torch.ones(2, 0)) is None
    assert compare_tensors("x", torch.tensor(1.5), torch.tensor(1.5)) is None
    assert compare_tensors("x", torch.ones(2, 0), torch.ones(0, 2)) is not None
    found = compare_tensors("x", torch.tensor(1.5), torch.tensor(2.5))
    assert found is not None
    assert found.first["index"] == []


def test_integers_and_booleans_are_compared_exactly() -> None:
    assert compare_tensors("x", torch.tensor([1, 2]), torch.tensor([1, 3])) is not None
    assert compare_tensors("x", torch.tensor([True]), torch.tensor([False])) is not None
    assert compare_tensors("x", torch.tensor([True]), torch.tensor([True])) is None


def test_a_missing_output_is_unexplained() -> None:
    one = outputs(forward=torch.ones(1), grad=torch.ones(1))
    assert verdict(one, outputs(forward=torch.ones(1))) == Verdict.UNEXPLAINED
    assert verdict(outputs(forward=torch.ones(1)), one) == Verdict.UNEXPLAINED


def test_facts_are_compared_by_value_and_type() -> None:
    assert verdict(outputs(flag=True), outputs(flag=True)) == Verdict.EXACT
    assert verdict(outputs(flag=True), outputs(flag=1)) == Verdict.UNEXPLAINED
    assert verdict(outputs(x=None), outputs(x=torch.ones(1))) == Verdict.UNEXPLAINED


def test_both_raising_agrees_if_upstreams_handler_would_catch_it() -> None:
    class Ours(ValueError):
        pass

    assert verdict(outputs(error=ValueError("a")), outputs(error=Ours("b"))) == Verdict.EXACT
    assert verdict(outputs(error=Ours("a")), outputs(error=ValueError("b"))) == Verdict.UNEXPLAINED
    assert verdict(outputs(error=NotImplementedError()), outputs(error=RuntimeError())) == Verdict.UNEXPLAINED


def test_one_side_raising_is_unexplained_and_hides_no_other_output() -> None:
    good, bad = outputs(forward=torch.ones(1), grad=torch.ones(1)), outputs(forward=torch.zeros(1))
    bad.fail("grad", RuntimeError("no"))
    found = differences(good, bad)
    assert {(d.output, d.kind) for d in found} == {("forward", "value"), ("grad", "refuses")}
    assert {d.kind for d in differences(bad, good)} == {"value", "raises"}


def test_a_spike_tensor_is_more_than_its_payload() -> None:
    class Spikes(torch.Tensor):
        elem = torch.tensor([True])

    spikes = torch.ones(1).as_subclass(Spikes)
    assert verdict(outputs(y=spikes), outputs(y=torch.tensor([True]))) == Verdict.UNEXPLAINED
    assert verdict(outputs(y=spikes), outputs(y=spikes)) == Verdict.EXACT


@settings(max_examples=200, deadline=None)
@given(st.floats(width=32, allow_nan=False), st.floats(width=32, allow_nan=False))
def test_ulp_distance_is_a_metric_on_float32(a: float, b: float) -> None:
    x, y = torch.tensor([a]), torch.tensor([b])
    assert ulp_distance(x, y).item() == ulp_distance(y, x).item()
    same = a == b and math.copysign(1, a) == math.copysign(1, b)
    assert (ulp_distance(x, y).item() == 0) == same
    up = torch.nextafter(x, torch.tensor([math.inf]))
    if math.isfinite(a) and a != 0 and up.item() != 0:
        assert ulp_distance(x, up).item() == 1


def test_outputs_refuse_what_they_cannot_record() -> None:
    with pytest.raises(TypeError, match="cannot be recorded"):
        Outputs().put("x", object())


def test_a_case_is_its_json() -> None:
    case = Case(
        "a/b", "e", "f", "s", "p", args=(1, {"$float": "inf"}), kwargs={"alpha": 2.0}, inputs={"x": {}}
    )
    assert Case.from_dict(case.to_dict()) == case
