"""The text that auto_cuda writes: compiled as C++ where it can be, and the writer line by line."""

from __future__ import annotations

import ctypes
import logging
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from unisnn.core import absent
from unisnn.spikingjelly import surrogate
from unisnn.spikingjelly.activation_based.auto_cuda import base, cfunction, neuron_kernel

COMPILER = next((found for name in ("c++", "g++", "clang++") if (found := shutil.which(name))), None)
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler on this machine")

SHIM = """
#include <algorithm>
#include <cmath>
using std::max; using std::min;
#define __powf(a, b) std::pow(a, b)
"""


def compiled(folder: Path, statements: list[str]) -> ctypes.CDLL:
    """Return a library whose ``run`` computes every statement's ``r`` for ``n`` elements."""
    names = ("x", "y", "z", "mask", "other")
    reads = " ".join(f"const float {name} = in[{place} * n + i];" for place, name in enumerate(names))
    each = "\n".join(f"{{ float r; {text} out[{row} * n + i] = r; }}" for row, text in enumerate(statements))
    source, target = folder / "text.cpp", folder / "text.so"
    source.write_text(
        f'{SHIM}\nextern "C" void run(const float* in, float* out, int n) {{\n'
        f"for (int i = 0; i < n; ++i) {{ {reads}\n{each} }} }}\n"
    )
    command = [str(COMPILER), "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-o", str(target), str(source)]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(target))


@needs_compiler
@pytest.mark.parametrize("nested", [False, True])
def test_float_text_computes_what_its_name_says(tmp_path: Path, nested: bool) -> None:
    torch.manual_seed(0)
    x, y, z = torch.randn(3, 40)
    y[:5] = x[:5]
    mask = (torch.rand(40) > 0.5).float()
    other = (1 - mask) * (torch.rand(40) > 0.5)
    expected = {
        "abs": (x.abs(), ("x",)),
        "add": (x + y, ("x", "y")),
        "sub": (x - y, ("x", "y")),
        "mul": (x * y, ("x", "y")),
        "div": (x / y, ("x", "y")),
        "neg": (-x, ("x",)),
        "exp": (x.double().exp().float(), ("x",)),
        "greater_equal": ((x >= y).float(), ("x", "y")),
        "greater_than": ((x > y).float(), ("x", "y")),
        "heaviside": ((x >= 0).float(), ("x",)),
        "maximum": (x.maximum(y), ("x", "y")),
        "minimal": (x.minimum(y), ("x", "y")),
        "if_else": (torch.where(mask > 0, x, y), ("x", "y", "mask")),
        "if_else_else": (
            torch.where(mask > 0, x, torch.where(other > 0, y, z)),
            ("x", "y", "z", "mask", "other"),
        ),
        "power": ((mask + 1).double().pow(y.double()).float(), ("(mask + 1.0f)", "y")),
    }
    given = torch.stack([x, y, z, mask, other]).numpy()
    texts = []
    for name, (_, operands) in expected.items():
        write = getattr(cfunction, name)
        texts.append(f"r = {write(None, *operands, 'float')};" if nested else write("r", *operands, "float"))
    found = np.empty((len(texts), 40), np.float32)
    pointers = (ctypes.c_void_p(given.ctypes.data), ctypes.c_void_p(found.ctypes.data))
    compiled(tmp_path, texts).run(*pointers, 40)
    for row, (name, (wanted, _)) in zip(found, expected.items(), strict=True):
        torch.testing.assert_close(torch.from_numpy(row), wanted, rtol=3e-7, atol=0, msg=name)


def test_expressions_nest() -> None:
    inner = cfunction.mul(None, "a", cfunction.constant(None, 2, "float"), "float")
    assert cfunction.add("r", inner, "b", "float") == "r = (a * (2.0f)) + b;"
    assert cfunction.sigmoid("r", "x", 4.0, "float") == "r = 1.0f / (1.0f + expf(- (4.0f) * x));"
    assert cfunction.float2half2(None, "x") == "(__float2half2_rn(x))"
    with pytest.raises(NotImplementedError, match="dtype='double'"):
        cfunction.add("r", "x", "y", "double")
    with pytest.raises(NotImplementedError, match="sigmoid: dtype='double'"):
        cfunction.sigmoid("r", "x", 4.0, "double")


def test_the_steps_of_a_neuron() -> None:
    assert neuron_kernel.neuronal_fire("s", "h", "t") == "s = (h - t) >= 0.0f ? 1.0f: 0.0f;"
    assert neuron_kernel.neuronal_hard_reset("v", "h", "s", "u") == "v = h * (1.0f - s) + u * s;"
    assert "__hmul2(u, s)" in neuron_kernel.neuronal_hard_reset("v", "h", "s", "u", "half2")
    assert neuron_kernel.neuronal_soft_reset("v", "h", "s", "t", "half2") == "v = __hsub2(h, __hmul2(t, s));"
    x = torch.ones(2, dtype=torch.float64, requires_grad=True)
    tensors = {"x_seq": x}
    neuron_kernel.new_tensors(("v",), tensors)
    assert torch.equal(tensors["v"], torch.zeros(2, dtype=torch.float64))
    assert not neuron_kernel.if_requires_grad([tensors["v"], None, 3])
    assert neuron_kernel.if_requires_grad(tensors.values())


@pytest.mark.parametrize("dtype", ["float", "half2"])
def test_gradients_are_the_text_of_the_surrogates(dtype: str) -> None:
    for name, numbers, module in (
        ("atan", (2.0,), surrogate.ATan(2.0)),
        ("fake_numerical_gradient", (0.3,), surrogate.FakeNumericalGradient(0.3)),
        (
            "leaky_k_relu",
            (
                0.1,
                0.7,
            ),
            surrogate.LeakyKReLU(leak=0.1, k=0.7),
        ),
        ("log_tailed_relu", (0.1,), surrogate.LogTailedReLU(0.1)),
        (
            "piecewise_leaky_relu",
            (
                0.7,
                0.1,
            ),
            surrogate.PiecewiseLeakyReLU(0.7, 0.1),
        ),
        ("q_pseudo_spike", (2.0,), surrogate.QPseudoSpike(2.0)),
        (
            "s2nn",
            (
                4.0,
                1.0,
            ),
            surrogate.S2NN(4.0, 1.0),
        ),
        ("sigmoid", (4.0,), surrogate.Sigmoid(4.0)),
    ):
        text = getattr(cfunction, f"{name}_backward")("y", "x", *numbers, dtype)
        assert text == module.cuda_codes("y", "x", dtype)


def test_the_writer_puts_statements_on_lines_and_blocks_further_in() -> None:
    writer = base.CodeTyper(2)
    writer.append("a = 1;b\n = 2")
    with base.CodeBlock(writer):
        writer.append("c;")
    with pytest.raises(KeyError), base.CodeBlock(writer):
        raise KeyError
    assert writer.codes == "\n  a = 1;\n  b = 2;\n  {\n   c;\n  }\n  {\n  }\n"
    assert writer.indent == "  "


def test_comments_stand_around_the_text_when_debugging(caplog: pytest.LogCaptureFixture) -> None:
    assert base.wrap_with_comment("code;", "note") == "code;"
    with caplog.at_level(logging.DEBUG):
        text = base.wrap_with_comment("code;", "note")
    assert text == "\n//------note start------\ncode;\n//------note end--------\n\n"
    assert base.startswiths("const half2", ("float", "const"))
    assert not base.startswiths("half2", ())


@pytest.mark.parametrize("name", ["CKernel", "CKernel1D", "CKernel2D"])
def test_kernels_import_and_raise(name: str) -> None:
    with pytest.raises(absent.AbsentError, match=name):
        getattr(base, name)("kernel")
