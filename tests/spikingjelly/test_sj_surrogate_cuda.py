"""The surrogates' CUDA text, compiled as C++ behind a small shim and compared with the Python gradient.

Bounds: families without exp, pow or cos give the Python gradient bit for bit, in float32 and half2. The
others differ by what ``expf``, ``powf`` and ``cosf`` differ in libm and in torch: 2 float32 eps of the
largest term (``alpha`` for the logistic families, the sum of the cosines for the series), which in half
is at most one half ulp of that term more.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from unisnn.core import edition
from unisnn.spikingjelly import surrogate

COMPILER = next((found for name in ("c++", "g++", "clang++") if (found := shutil.which(name))), None)
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler on this machine")

EXACT: list[nn.Module] = [
    *(surrogate.ATan(alpha) for alpha in (2.0, 0.7, 3, 100.0)),
    *(surrogate.PiecewiseLeakyReLU(w, c) for w, c in ((1.0, 0.01), (0.5, 0.0), (0.7, -0.2))),
    *(surrogate.LeakyKReLU(leak=leak, k=k) for leak, k in ((0.0, 1.0), (0.1, 0.7))),
    *(surrogate.FakeNumericalGradient(alpha) for alpha in (0.3, 2.0)),
    *(surrogate.LogTailedReLU(alpha) for alpha in (0.0, 0.1)),
    *(surrogate.SuperSpike(alpha) for alpha in (1.0, 0.7)),
    *(surrogate.QPseudoSpike(alpha) for alpha in (2.0,)),
    surrogate.SquarewaveFourierSeries(n=1),
    surrogate.ATan(np.float64(0.3)),
]
with edition.using("spikingjelly", "0.0.0.0.14"):
    EXACT.append(surrogate.PiecewiseLeakyReLU(0.7, 0.1))
CLOSE: list[tuple[nn.Module, float]] = [  # with the size of the largest term
    *((surrogate.Sigmoid(alpha), alpha) for alpha in (4.0, 0.7)),
    *((surrogate.S2NN(alpha, beta), alpha) for alpha, beta in ((4.0, 1.0), (2.0, 0.7))),
    *((surrogate.QPseudoSpike(alpha), 1.0) for alpha in (1.5, 3.3)),
    *((surrogate.SquarewaveFourierSeries(n, period), n * 4 / period) for n, period in ((2, 8), (5, 3.3))),
]
MODULES = [*EXACT, *(module for module, _ in CLOSE)]
DTYPES = {"fp32": "float", "fp16": "half2"}


def grid(dtype: torch.dtype) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 0.7, -0.7, 0.25, 2.0, -2.0, 1e-8, -1e-8, 100.0, -100.0, 6e-8]
    edges += [float("nan"), float("inf"), -float("inf"), 60000.0]
    random = torch.randn(4076, generator=generator, dtype=torch.float64) * 2
    return torch.cat([random, torch.tensor(edges, dtype=torch.float64)]).to(dtype)


def source() -> str:
    """One loop over an array for every module, form and dtype."""
    functions = ['#include "cuda_shim.h"']
    for index, module in enumerate(MODULES):
        for dtype, c_type in DTYPES.items():
            declared = module.cuda_code("in[i]", "y", dtype)
            assigned = module.cuda_codes("out[i]", "in[i] /* x */", c_type)
            for form, body in (("code", f"{declared}out[i] = y;"), ("codes", assigned)):
                functions.append(
                    f'extern "C" void {form}_{index}_{c_type}(const {c_type}* in, {c_type}* out, long n) {{\n'
                    f"for (long i = 0; i < n; ++i) {{\n{body}}}\n}}\n"
                )
    return "\n".join(functions)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    assert COMPILER is not None
    folder = tmp_path_factory.mktemp("cuda_text")
    shutil.copy(Path(__file__).with_name("cuda_shim.h"), folder)
    (folder / "text.cpp").write_text(source())
    flags = ["-std=c++14", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-Wall", "-Werror"]
    flags.append("-Wno-unused-variable")  # an empty cosine series does not look at x
    command = [COMPILER, *flags, "text.cpp", "-o", "text.so"]
    built = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return ctypes.CDLL(str(folder / "text.so"))


def run(library: ctypes.CDLL, form: str, index: int, dtype: str, x: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(x)
    count = x.numel() if dtype == "fp32" else x.numel() // 2
    function = getattr(library, f"{form}_{index}_{DTYPES[dtype]}")
    function(ctypes.c_void_p(x.data_ptr()), ctypes.c_void_p(out.data_ptr()), ctypes.c_long(count))
    return out


def python_gradient(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    y = module(x)
    y.backward(torch.ones_like(y))
    assert x.grad is not None
    return x.grad


def same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    bits = torch.int16 if a.dtype == torch.float16 else torch.int32
    numbers = ~a.isnan()
    return torch.equal(numbers, ~b.isnan()) and torch.equal(a.view(bits)[numbers], b.view(bits)[numbers])


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", range(len(EXACT)), ids=lambda index: repr(EXACT[index]).replace("\n", " "))
def test_exact_families(library: ctypes.CDLL, index: int, dtype: str) -> None:
    x = grid(torch.float32 if dtype == "fp32" else torch.float16)
    want = python_gradient(EXACT[index], x)
    assert want.abs().nan_to_num().max() > 0 or "n=1" in repr(EXACT[index])
    for form in ("code", "codes"):
        assert same_bits(run(library, form, index, dtype, x), want)


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("index", range(len(CLOSE)), ids=lambda index: repr(CLOSE[index][0]))
def test_families_with_exp_pow_or_cos(library: ctypes.CDLL, index: int, dtype: str) -> None:
    module, largest = CLOSE[index]
    x = grid(torch.float32 if dtype == "fp32" else torch.float16)
    want = python_gradient(module, x)
    bound = largest * (2 * 2**-23 if dtype == "fp32" else 2**-10)
    for form in ("code", "codes"):
        got = run(library, form, len(EXACT) + index, dtype, x)
        finite = want.isfinite()
        assert torch.equal(finite, got.isfinite())
        assert torch.equal(want.isnan(), got.isnan())
        assert (want.double() - got.double())[finite].abs().max() <= bound
        # Rounding differences are rare: most points agree to the last bit.
        assert (want[finite] == got[finite]).double().mean() > (0.5 if dtype == "fp32" else 0.99)


@needs_compiler
def test_a_wrong_text_would_be_noticed(library: ctypes.CDLL) -> None:
    x = grid(torch.float32)
    assert not same_bits(run(library, "code", 0, "fp32", x), python_gradient(surrogate.ATan(2.0001), x))


@pytest.mark.parametrize("module", MODULES, ids=repr)
def test_text(module: nn.Module) -> None:
    text = module.cuda_code("x", "y")
    assert text == module.cuda_code("x", "y", "fp32") == module.cuda_code(x="x", y="y", dtype="fp32")
    assert text.startswith(module.cuda_code_start_comments() + "\nfloat y;\n")
    assert text.endswith(module.cuda_code_end_comments() + "\n")
    home = "unisnn.spikingjelly.activation_based.surrogate"
    assert module.cuda_code_start_comments() == f"// start: {home}.{type(module).__name__}.cuda_code"
    assert text.count("{") == text.count("}")
    assert module.cuda_codes("y", "x", "float") in text
    assert module.cuda_codes(y="y", x="x", dtype="half2") in module.cuda_code("x", "y", "fp16")
    # Rounded intrinsics only: a compiler may contract a bare a*b + c.
    code = re.sub(r"//.*", "", text)
    assert not re.search(r"\w\)? [*+/] ", code)


def test_text_reads_tensors_and_parameters() -> None:
    want = surrogate.ATan(0.5).cuda_code("x", "y")
    assert surrogate.ATan(nn.Parameter(torch.tensor(0.5))).cuda_code("x", "y") == want
    assert surrogate.ATan(torch.tensor([0.5])).cuda_code("x", "y") == want
    assert "__int_as_float(0x7f800000)" in surrogate.LeakyKReLU(k=float("inf")).cuda_code("x", "y")


@pytest.mark.parametrize("dtype", ["bf16", "fp64", "float", "half2", ""])
def test_other_dtypes_of_cuda_code(dtype: str) -> None:
    with pytest.raises(NotImplementedError, match="'fp32' or 'fp16'"):
        surrogate.Sigmoid().cuda_code("x", "y", dtype)


@pytest.mark.parametrize("dtype", ["double", "half", "fp32", ""])
def test_other_dtypes_of_cuda_codes(dtype: str) -> None:
    with pytest.raises(NotImplementedError, match="'float' or 'half2'"):
        surrogate.Sigmoid().cuda_codes("y", "x", dtype)


WITHOUT = [
    "PiecewiseQuadratic",
    "PiecewiseExp",
    "SoftSign",
    "Erf",
    "NonzeroSignLogAbs",
    "DeterministicPass",
    "Rect",
]


@pytest.mark.parametrize("name", WITHOUT)
def test_classes_without_text(name: str) -> None:
    for text in (lambda m: m.cuda_code("x", "y"), lambda m: m.cuda_codes("y", "x", "float")):
        with pytest.raises(NotImplementedError, match=f"{name} has no CUDA text"):
            text(getattr(surrogate, name)())
