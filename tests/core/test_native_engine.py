"""The native engine: what it covers, threads, memory, and life without a compiler."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from unisnn.core import engines, surrogate
from unisnn.core.engines import Plan, _codes, _library, choice, fused, native, operator
from unisnn.spikingjelly.activation_based import neuron

ROOT = Path(__file__).resolve().parents[2]
ATAN = Plan("charge_if", (), "hard", 0.0, False, 1.0, False, surrogate.ATAN, (2.0,))

built = pytest.mark.skipif(not native.available(), reason=f"the native engine is not here: {native.reason()}")


def load(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def absent(monkeypatch, tmp_path):
    """No library: as where there was no compiler."""
    _library._loaded.cache_clear()
    monkeypatch.setattr(_library, "PATH", tmp_path / "libunisnn.so")
    yield
    _library._loaded.cache_clear()


def same(one, other):
    return one.numpy().tobytes() == other.numpy().tobytes()


def forward_and_back(module, plan, x, g, v, q=None):
    s, last, _, h = module.forward(plan, x, v, q, True)
    learns = (x, v) if q is not None else (None, None)
    gx, gv, gw = module.backward(plan, (g, None, None), h, *learns, q, True)
    return [s, last, h, gx, gv, *gw]


def test_a_checkout_with_a_compiler_has_the_engine():
    compiler = any(map(shutil.which, ("cc", "gcc", "clang"))) and sys.platform.startswith(("linux", "darwin"))
    installed = importlib.util.find_spec("hatchling") is not None  # by `make install`, which compiles
    assert native.available() or not (compiler and installed), native.reason()


@built
@pytest.mark.parametrize("size", [(1, 1), (3, 1023), (2, 1024), (5, 1025), (2, 4099)])
@pytest.mark.parametrize("charge", ["charge_lif_decay_input", "charge_plif_decay_input"])
@pytest.mark.parametrize("family", [surrogate.ATAN, surrogate.SIGMOID, surrogate.ERF], ids=lambda f: f.name)
def test_block_edges(size, charge, family):
    learned = "plif" in charge
    plan = Plan(charge, () if learned else (3.0,), "hard", 0.2, False, 1.0, False, family, (1.5,))
    x, g, v = torch.randn(size), torch.randn(size), torch.randn(size[1:])
    q = torch.tensor(0.3) if learned else None
    pairs = zip(
        forward_and_back(native, plan, x, g, v, q), forward_and_back(fused, plan, x, g, v, q), strict=True
    )
    assert all(same(*pair) for pair in pairs)


@built
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("reset", ["hard", "soft", "zero"])
@pytest.mark.parametrize("charge", sorted(_codes._CHARGES))
def test_every_charge_and_reset(charge, reset, strict):
    constants = {"charge_scaled": (0.3,), "charge_plif_scaled": (0.3,)}.get(charge, ())
    constants += (2.5,) if charge.startswith("charge_lif") else ()
    constants += (-0.7,) if charge.endswith("_to") else ()
    plan = Plan(charge, constants, reset, 0.4, reset == "zero", 0.9, strict, surrogate.SUPER_SPIKE, (100.0,))
    for dtype in (torch.float32, torch.float64):
        x, g, v = (
            torch.randn(5, 77, dtype=dtype),
            torch.randn(5, 77, dtype=dtype),
            torch.zeros(77, dtype=dtype),
        )
        x[0, :3] = torch.tensor([0.9, -0.0, torch.inf])
        q = torch.tensor(0.4, dtype=dtype) if "plif" in charge else None
        ours, theirs = (forward_and_back(module, plan, x, g, v, q) for module in (native, fused))
        for one, other in zip(ours, theirs, strict=True):
            assert torch.equal(one.isnan(), other.isnan())
            assert same(one.nan_to_num(1.5), other.nan_to_num(1.5))


@built
def test_threads_share_the_neurons(monkeypatch):
    monkeypatch.setattr(native, "_GRAIN", 1)
    x, g, v = torch.randn(6, 5000), torch.randn(6, 5000), torch.zeros(5000)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = forward_and_back(native, ATAN, x, g, v)
        torch.set_num_threads(3)
        assert all(map(same, alone, forward_and_back(native, ATAN, x, g, v)))
        if hasattr(os, "fork"):
            child = os.fork()
            if child == 0:
                os._exit(0 if all(map(same, alone, forward_and_back(native, ATAN, x, g, v))) else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        torch.set_num_threads(before)


@built
def test_gradients_of_every_layout_are_taken():
    x, v = torch.randn(4, 6), torch.zeros(6)
    _, _, _, h = native.forward(ATAN, x, v, None, True)
    whole = torch.randn(4, 12)
    layouts = [
        torch.ones(()).expand(4, 6),
        torch.randn(6).expand(4, 6),
        whole[:, ::2],
        whole[:, :6],
        torch.randn(6, 4).t(),
        torch._neg_view(torch.randn(4, 6)),
        torch._efficientzerotensor((4, 6)),
    ]
    for g in layouts:
        plain = torch.zeros(4, 6) + g
        expected = native.backward(ATAN, (plain, None, None), h, None, None, None)
        given = native.backward(ATAN, (g, None, None), h, None, None, None)
        assert same(given[0], expected[0])
        assert same(given[1], expected[1])


@built
def test_what_it_leaves_to_the_fused_engine():
    x = torch.ones(2, 3)
    assert native.covers(ATAN, x)
    assert native.covers(ATAN, x.double())
    assert not native.covers(ATAN, x.half())
    assert not native.covers(ATAN, x.to("meta"))
    assert not native.covers(ATAN, torch._neg_view(x))
    for changed in (
        {"charge": "charge_unknown"},
        {"reset": "hard scaled"},
        {"threshold": float("inf")},
        {"threshold": 1e39},
        {"threshold": float("nan")},
        {"strict": True, "threshold": 0.0},
        {"parameters": (torch.tensor(2.0),)},
        {"more": ("threshold",)},
        {"family": surrogate.Family("atan", ("alpha",), torch.mul, None, "", "")},
    ):
        assert not native.covers(ATAN._replace(**changed), x), changed
    assert native.covers(ATAN._replace(threshold=1e39), x.double())


@built
def test_auto_takes_it_and_fused_does_not(monkeypatch):
    taken = []
    real = operator.multi_step
    monkeypatch.setattr(
        operator,
        "multi_step",
        lambda *given: taken.append(given[4].__name__.rpartition(".")[2]) or real(*given),
    )
    x = torch.rand(3, 4)
    for name in ("auto", "native", "fused"):
        with engines.engine(name):
            neuron.IFNode(step_mode="m")(x)
    neuron.IFNode(step_mode="m")(x.half())
    assert taken == ["native", "native", "fused", "fused"]


@built
def test_the_second_derivative_is_refused():
    x = torch.rand(3, 4, requires_grad=True)
    with engines.engine("native"):
        y = neuron.LIFNode(step_mode="m")(x)
    (gradient,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="engine\\('reference'\\)"):
        gradient.sum().backward()


def test_without_the_library_the_fused_engine_runs(absent, monkeypatch):
    assert not native.available()
    assert "built without a C compiler" in native.reason()
    x = torch.rand(3, 4)
    assert not native.covers(ATAN, x)
    assert neuron.IFNode(step_mode="m")(x).shape == x.shape
    with (
        pytest.raises(RuntimeError, match="native engine cannot run"),
        engines.engine("native"),
    ):
        pass
    monkeypatch.setattr(choice, "chosen", lambda: "native")
    with pytest.raises(RuntimeError, match="native engine cannot run"):
        neuron.IFNode(step_mode="m")(x)


def test_a_file_that_is_no_library_is_reported(absent, tmp_path):
    (tmp_path / "libunisnn.so").write_bytes(b"not a library")
    assert "cannot be loaded here" in native.reason()


@built
def test_a_library_of_another_interface_is_not_used(absent, monkeypatch):
    monkeypatch.setattr(_library, "PATH", Path(_library.__file__).with_name("csrc") / "libunisnn.so")
    monkeypatch.setattr(_library, "INTERFACE", _library.INTERFACE + 1)
    assert "install unisnn again" in native.reason()


def test_interface_and_codes_are_those_of_the_header():
    header = (ROOT / "unisnn/core/engines/csrc/kernels.h").read_text(encoding="utf-8")
    assert f"#define UNISNN_INTERFACE {_library.INTERFACE}\n" in header
    assert f"#define BLOCK {native._BLOCK}\n" in header


# The build.


@pytest.fixture
def hook(monkeypatch, tmp_path):
    module = load("hatch_build")
    shutil.copytree(ROOT / module.SOURCES, tmp_path / module.SOURCES)
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.delenv(module.SWITCH, raising=False)
    return module


def test_the_build_goes_on_without_a_compiler(hook, monkeypatch, tmp_path, capsys):
    stale = tmp_path / hook.LIBRARY
    stale.write_bytes(b"")
    monkeypatch.setenv("CC", "no-such-compiler-here")
    assert hook.try_to_compile(tmp_path) is None
    assert not stale.exists()
    said = capsys.readouterr().err
    assert "built without the native engine" in said
    assert "no-such-compiler-here" in said
    monkeypatch.setenv(hook.SWITCH, "always")
    with pytest.raises(SystemExit, match="not built"):
        hook.try_to_compile(tmp_path)
    monkeypatch.setenv(hook.SWITCH, "sometimes")
    with pytest.raises(SystemExit, match="expected one of"):
        hook.try_to_compile(tmp_path)


def test_the_build_goes_on_where_the_compiler_fails(hook, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("CC", f"{sys.executable} -c 'raise SystemExit(3)'")
    assert hook.try_to_compile(tmp_path) is None
    assert "fails" in capsys.readouterr().err
    monkeypatch.setenv(hook.SWITCH, "never")
    assert hook.try_to_compile(tmp_path) is None
    assert not (tmp_path / hook.LIBRARY).exists()


def test_a_wheel_without_a_compiler_is_for_any_platform(tmp_path):
    wheel = make_wheel(tmp_path, UNISNN_BUILD_NATIVE="never")
    assert wheel.name.endswith("-py3-none-any.whl")
    assert not any(name.endswith(".so") for name in zipfile.ZipFile(wheel).namelist())


@built
def test_a_wheel_with_the_library_is_for_this_platform(tmp_path):
    wheel = make_wheel(tmp_path, UNISNN_BUILD_NATIVE="always")
    assert "-py3-none-" in wheel.name
    assert not wheel.name.endswith("-any.whl")
    assert "unisnn/core/engines/csrc/libunisnn.so" in zipfile.ZipFile(wheel).namelist()


def make_wheel(folder: Path, **environment: str) -> Path:
    """Build a wheel of a copy of the sources that its hook needs, with the hatchling that is installed."""
    pytest.importorskip("hatchling", reason="hatchling builds the wheels")
    source, out = folder / "source", folder / "out"
    files = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "unisnn/__init__.py")
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(
        ROOT / "unisnn/core/engines/csrc",
        source / "unisnn/core/engines/csrc",
        ignore=shutil.ignore_patterns("*.so"),
    )
    shutil.copy(ROOT / ".gitignore", source / ".gitignore")
    program = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", program, str(out)],
        cwd=source,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        timeout=300,
    )
    (wheel,) = out.glob("*.whl")
    return wheel
