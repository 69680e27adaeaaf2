"""The Triton engine: its kernels against the reference loop, what they compile to, and when it is chosen.

The kernels run in Triton's interpreter, on a CPU, and are compiled for GPUs; no GPU is needed, and none is
used. Where Triton cannot be imported, neither is done, which the tests' names say: there they check that the
engine gives that as its reason. Everything else here needs no Triton.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from unisnn.core import engines
from unisnn.core import surrogate as families
from unisnn.core.engines import Plan, choice, fused, library, native, triton
from unisnn.spikingjelly.activation_based import neuron, surrogate

HAVE_TRITON = importlib.util.find_spec("triton") is not None
NEURONS = {
    "IF": lambda **kwargs: neuron.IFNode(step_mode="m", **kwargs),
    "LIF": lambda **kwargs: neuron.LIFNode(tau=3.0, step_mode="m", **kwargs),
    "LIF of 2": lambda **kwargs: neuron.LIFNode(tau=2.0, step_mode="m", **kwargs),
    "LIF-keep": lambda **kwargs: neuron.LIFNode(tau=1.7, decay_input=False, step_mode="m", **kwargs),
    "PLIF": lambda **kwargs: neuron.ParametricLIFNode(init_tau=3.0, step_mode="m", **kwargs),
    "PLIF-keep": lambda **kwargs: neuron.ParametricLIFNode(decay_input=False, step_mode="m", **kwargs),
}
RESETS = {
    "hard": {"v_reset": 0.0},
    "hard to": {"v_reset": -0.3, "v_threshold": 0.8},
    "hard detached": {"v_reset": 0.0, "detach_reset": True},
    "soft of": {"v_reset": None, "v_threshold": 0.7},
    "soft detached": {"v_reset": None, "detach_reset": True},
}
DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}
ATAN = Plan("charge_if", (), "hard", 0.0, False, 1.0, False, families.ATAN, (2.0,))


def where_triton_is(*cases):
    """Return the cases, or the one that says in its name that nothing was run."""
    return cases if HAVE_TRITON else ("NOT RUN, there is no Triton",)


def has_kernels(case):
    """Say whether a case can be run; if not, the engine has to say so, and why."""
    if HAVE_TRITON:
        return True
    assert case.startswith("NOT RUN")
    assert not triton.available()
    assert triton.reason() == "Triton cannot be imported: No module named 'triton'"
    return False


def kernels(monkeypatch, interpreted):
    """Return the kernels' module, made anew for the interpreter or for a compiler."""
    monkeypatch.setenv("TRITON_INTERPRET", "1" if interpreted else "0")
    spec = importlib.util.find_spec("unisnn.core.engines.triton_kernels")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def interpreter(monkeypatch):
    """Run the engine's kernels in Triton's interpreter, and count them."""
    if not HAVE_TRITON:
        yield []
        return
    made, count = kernels(monkeypatch, interpreted=True), []
    monkeypatch.setattr(triton, "_kernels", lambda: count.append(1) or made)
    monkeypatch.setattr(triton, "_interprets", lambda: True)
    monkeypatch.setattr(triton, "reason", lambda: None)
    emulator = importlib.import_module("triton.runtime.interpreter")
    convert = emulator._convert_float

    def converted(data, given, wanted, rounding):
        """Round to bfloat16 as a GPU does, where the interpreter drops digits."""
        if (given.name, wanted.name) == ("fp32", "bf16"):
            return torch.from_numpy(data.copy()).bfloat16().view(torch.int16).numpy().view(np.uint16)
        if (given.name, wanted.name) == ("bf16", "fp32"):
            return torch.from_numpy(data.view(np.int16).copy()).view(torch.bfloat16).float().numpy()
        return convert(data, given, wanted, rounding)

    monkeypatch.setattr(emulator, "_convert_float", converted)
    with np.errstate(all="ignore"):
        yield count


def bits(tensor):
    if tensor is None:
        return None
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[tensor.element_size()]
    tensor = tensor.detach().contiguous()
    return torch.where(tensor.isnan(), torch.full_like(tensor, torch.nan), tensor).view(whole)


def differing(one, other):
    """Return the places in two lists where tensors differ."""
    assert len(one) == len(other)
    pairs = enumerate(zip(one, other, strict=True))
    return [
        index
        for index, (a, b) in pairs
        if (a is None) != (b is None) or (a is not None and not torch.equal(bits(a), bits(b)))
    ]


def inputs(steps, dtype):
    generator = torch.Generator().manual_seed(steps)
    x = (torch.randn(steps, 3, 50, generator=generator, dtype=torch.float64) * 1.5 + 0.4).to(dtype)
    x[0, 0, :3] = torch.tensor([1.0, 2.0, -0.0], dtype=dtype)
    if steps > 1:
        x[1, 1, :3] = torch.tensor([torch.nan, torch.inf, -torch.inf], dtype=dtype)
    g = torch.randn(steps, 3, 50, generator=generator, dtype=torch.float64).to(dtype)
    g[g.abs() < 0.3] = 0
    g[..., ::5] *= -0.0
    return x, g


def run(node, engine, x, g, last=True):
    """Return spikes, states and all gradients of one call."""
    node.zero_grad()
    node.reset()
    x = x.clone().requires_grad_()
    node.v = v0 = torch.linspace(-1, 1, 150, dtype=x.dtype).view(3, 50).requires_grad_()
    with engines.engine(engine):
        spikes = node(x)
    outputs = [spikes, *([node.v] if last else []), *([node.v_seq] if node.store_v_seq else [])]
    loss = [(y, g.flatten()[: y.numel()].view_as(y)) for y in outputs if y.requires_grad]
    torch.autograd.backward([y for y, _ in loss], [d for _, d in loss])
    return [spikes.detach(), node.v.detach(), x.grad, v0.grad, *(p.grad for p in node.parameters())]


@pytest.mark.parametrize("dtype", where_triton_is(*DTYPES))
@pytest.mark.parametrize("name", NEURONS)
def test_the_kernels_give_the_loops_bits(name, dtype, interpreter):
    if not has_kernels(dtype):
        return
    for (reset, kwargs), steps in itertools.product(RESETS.items(), (1, 4) if dtype == "float32" else (3,)):
        node = NEURONS[name](surrogate_function=surrogate.ATan(1.7), **kwargs)
        x, g = inputs(steps, DTYPES[dtype])
        loop, before = run(node, "reference", x, g), len(interpreter)
        assert not differing(loop, run(node, "triton", x, g)), (reset, steps)
        assert len(interpreter) == before + 2


@pytest.mark.parametrize("dtype", where_triton_is(*DTYPES))
def test_states_of_every_step_and_spikes_alone(dtype, interpreter):
    if not has_kernels(dtype):
        return
    x, g = inputs(4, DTYPES[dtype])
    for name, last in (("LIF", True), ("PLIF", True), ("LIF-keep", False)):
        for reset in RESETS.values():
            node = NEURONS[name](surrogate_function=surrogate.ATan(), store_v_seq=last, **reset)
            loop = run(node, "reference", x, g, last)
            assert not differing(loop, run(node, "triton", x, g, last)), (name, reset)


@pytest.mark.parametrize("dtype", where_triton_is("float32", "float64"))
def test_what_no_neuron_above_has(dtype, interpreter):
    if not has_kernels(dtype):
        return
    x, g = inputs(3, DTYPES[dtype])
    v0, last = torch.zeros_like(x[0]), g[0] * 2
    scaled = (("charge_scaled", (0.3,), None), ("charge_plif_scaled", (0.3,), torch.tensor(0.4).to(x)))
    for (charge, constants, q), strict, states in itertools.product(
        scaled, (False, True), ("", "first", "last")
    ):
        family = (families.ATAN, (2.0,)) if strict or states else (None, ())
        plan = Plan(charge, constants, "zero", 0.0, True, 0.7, strict, *family, states)
        assert triton.covers(plan, x)
        both = []
        for one in (fused, triton):
            s, v, v_seq, h = one.forward(plan, x, v0, q, True)
            kept = (None, None) if q is None else (x, v0)
            gx, gv0, gw = one.backward(plan, (None, last, v_seq if states else None), h, *kept, q)
            both.append([s, v, v_seq, h, gx, gv0, *gw])
        assert not differing(*both), plan


def sigmoid(y):
    """Sigmoid by NumPy's exp, the interpreter's."""
    wide = y.numpy()
    one = wide.dtype.type(1)
    return torch.from_numpy(one / (one + np.exp(-wide)))


@pytest.mark.parametrize("dtype", where_triton_is("float32", "float64"))
@pytest.mark.parametrize("name", ["IF", "LIF", "PLIF"])
def test_sigmoid_is_exact_but_for_exp(name, dtype, interpreter, monkeypatch):
    if not has_kernels(dtype):
        return
    for reset, steps in itertools.product(("hard to", "soft of"), (1, 4)):
        node = NEURONS[name](surrogate_function=surrogate.Sigmoid(3.0), **RESETS[reset])
        x, g = inputs(steps, DTYPES[dtype])
        mine = run(node, "triton", x, g)
        if steps == 1:
            limit = 2 * torch.finfo(x.dtype).eps * 3.0 * mine[0].numel() ** 0
            term = g.abs() + g[:1].abs() * 2.3  # what may come through the reset of a potential of ~ 1
            assert ((mine[2] - run(node, "reference", x, g)[2]).abs() <= limit * term).all()
        with monkeypatch.context() as patched:
            patched.setattr(torch, "sigmoid", sigmoid)
            assert not differing(run(node, "reference", x, g), mine), (reset, steps)


@pytest.mark.parametrize("dtype", where_triton_is("float32", "float64"))
def test_division_as_torch_divides_on_a_gpu(dtype, interpreter, monkeypatch):
    """``d/tau`` is there ``d * (1/tau)``, rounded twice: as with a learned factor of ``1/tau``."""
    if not has_kernels(dtype):
        return
    x, g = inputs(4, DTYPES[dtype])
    v0 = torch.zeros_like(x[0])
    q = 1 / torch.tensor(3.0, dtype=x.dtype)
    for rest in ((), (-0.3,)):
        ending = "_to" if rest else ""
        plan = ATAN._replace(charge="charge_lif_decay_input" + ending, constants=(3.0, *rest))
        learned = plan._replace(charge="charge_plif_decay_input" + ending, constants=rest)
        s, v, _, h = fused.forward(learned, x, v0, q, True)
        expected = [s, v, h, *fused.backward(learned, (g, None, None), h, None, None, q)[:2]]
        for multiplies in (True, False):
            monkeypatch.setattr(triton, "_multiplies", lambda like, answer=multiplies: answer)
            s, v, _, h = triton.forward(plan, x, v0, None, True)
            found = [s, v, h, *triton.backward(plan, (g, None, None), h, None, None, None)[:2]]
            assert bool(differing(expected, found)) is not multiplies


COMPILE = """
import itertools, json, sys
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from unisnn.core.engines import triton_kernels

shared = {"STRICT": False, "LEARNED": False, "BLOCK": 128}
ahead = {"KEEP": True, "STATES": True, **shared}
back = {"SURROGATE": "atan", "SPIKES": True, "GIVEN": True, "STATES": "first", "LEARNS": False}
back |= {"LIFT": True, "LIBDEVICE": True, **shared}
found = []
for dtype, kernel, (charge, reset) in itertools.product(
    ("fp32", "fp64", "fp16", "bf16"),
    (triton_kernels.forward, triton_kernels.backward),
    (("mix_over", "hard"), ("leak", "soft"), ("mix", "hard")),
):
    codes = {**(ahead if kernel is triton_kernels.forward else back), "CHARGE": charge, "RESET": reset}
    if charge == "mix":
        codes |= {"LEARNED": True} if kernel is triton_kernels.forward else {"LEARNED": True, "LEARNS": True}
    kinds = dict.fromkeys(kernel.arg_names, "*" + dtype)
    kinds["constants"] = "*fp64" if dtype == "fp64" else "*fp32"
    kinds.update((name, "i32") for name in kinds if name in ("steps", "n", "gs_step", "term_step"))
    kinds.update(dict.fromkeys(codes, "constexpr"))
    places = {(kernel.arg_names.index(name),): value for name, value in codes.items()}
    source = ASTSource(kernel, kinds, constexprs=places)
    options = {"num_warps": 4, "enable_fp_fusion": False}
    made = triton.compile(source, target=GPUTarget("cuda", int(sys.argv[1]), 32), options=options)
    found.append((dtype, "SURROGATE" in codes, charge, made.asm["ptx"]))
json.dump(found, sys.stdout)
"""


@pytest.mark.parametrize("capability", where_triton_is("80", "90"))
def test_what_the_kernels_compile_to(capability, tmp_path):
    """Each operation rounds once: no fused multiply-add, no approximate division, nothing flushed to 0."""
    if not has_kernels(capability):
        return
    environment = {**os.environ, "TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", COMPILE, capability]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    compiled = json.loads(done.stdout)
    assert len(compiled) == 24
    for dtype, backward, charge, ptx in compiled:
        assert not re.search(r"\.ftz|\bdiv\.(full|approx)|\bfma\.rn\.f|\bmad\.f", ptx), (
            dtype,
            backward,
            charge,
        )
        divides = charge == "mix_over" or backward
        assert bool(re.search(rf"\bdiv\.rn\.{'f64' if dtype == 'fp64' else 'f32'}\b", ptx)) is divides
        assert all(
            is_one_operation(arguments, ptx) for arguments in re.findall(r"\bfma\.rn\.bf16\s+(.*);", ptx)
        )


def is_one_operation(arguments, ptx):
    """Say whether a fused operation, all that older GPUs have for bfloat16, is a product or a sum alone."""
    values = dict(re.findall(r"mov\.b16\s+(%rs\d+), (0x[0-9A-F]{4}|-32768);", ptx))
    _, a, b, c = (values.get(register) for register in arguments.split(", "))
    return bool({a, b} & {"0x3F80", "0xBF80"}) or c in ("0x8000", "-32768")  # times 1 or -1, or plus -0.0


def test_the_engine_is_asked_for_by_name(monkeypatch):
    monkeypatch.setattr(triton, "reason", lambda: "No such thing")
    x = torch.ones(2, 3)
    assert not triton.available()
    assert not triton.covers(ATAN, x)
    with pytest.raises(
        RuntimeError, match=r"Triton engine cannot run\. No such thing\. With UNISNN_ENGINE=auto"
    ):
        engines.engine("triton").__enter__()
    monkeypatch.setattr(choice, "chosen", lambda: "triton")
    with pytest.raises(RuntimeError, match="No such thing"):
        neuron.IFNode(step_mode="m")(x)
    monkeypatch.setattr(choice, "chosen", lambda: "auto")
    assert torch.equal(neuron.IFNode(step_mode="m")(x), x)


@pytest.mark.parametrize("covered", [True, False])
def test_which_engine_is_picked(covered, monkeypatch):
    monkeypatch.setattr(triton, "covers", lambda plan, x: covered)
    monkeypatch.setattr(native, "covers", lambda plan, x: not x.is_cuda)
    expected = {
        True: {"auto": triton, "native": triton, "triton": triton, "fused": fused},
        False: {"auto": native, "native": native, "triton": triton, "fused": fused},
    }
    for on_gpu, by_name in expected.items():
        for name, engine in by_name.items():
            engine = engine if covered or engine is not triton else fused if on_gpu else native
            assert library.pick(name, ATAN, SimpleNamespace(is_cuda=on_gpu)) is engine, (on_gpu, name)


def test_what_it_expresses():
    assert triton._expresses(ATAN, torch.float32)
    assert triton._expresses(ATAN._replace(family=families.SIGMOID), torch.bfloat16)
    assert triton._expresses(ATAN._replace(family=None, parameters=()), torch.float64)
    assert not triton._expresses(ATAN._replace(family=None, parameters=()), torch.float16)
    assert not triton._expresses(ATAN._replace(family=families.ERF), torch.float32)
    assert not triton._expresses(ATAN._replace(charge="charge_qif"), torch.float32)
    assert not triton._expresses(ATAN._replace(parameters=(torch.tensor(2.0),)), torch.float32)
    assert not triton._expresses(ATAN._replace(threshold=torch.inf), torch.float32)


def test_the_constants_keep_the_sign_of_zero():
    like = torch.empty(0)
    signs = [triton._numbers(ATAN._replace(reset=reset), like)[1][4].signbit() for reset in ("hard", "zero")]
    assert signs == [False, True]


@pytest.fixture
def gpu(monkeypatch):
    """A tensor that says it is on a GPU, with an engine that could run there."""
    monkeypatch.setattr(triton, "_proven", {})
    monkeypatch.setattr(triton, "reason", lambda: None)
    monkeypatch.setattr(triton, "_interprets", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: False)
    return SimpleNamespace(dtype=torch.float32, device=torch.device("cuda", 0), is_neg=lambda: False)


def test_a_plan_runs_on_a_gpu_once_it_was_exact_there(gpu, monkeypatch):
    asked = []
    monkeypatch.setattr(triton, "_differs", lambda plan, x: asked.append(plan))
    assert triton.covers(ATAN, gpu)
    assert triton.covers(ATAN, gpu)
    assert asked == [ATAN]
    assert not triton.covers(ATAN, torch.ones(2, 3))


def test_a_plan_that_differs_on_a_gpu_is_left(gpu, monkeypatch, recwarn):
    monkeypatch.setattr(triton, "_differs", lambda plan, x: "gradient of x differs")
    with pytest.warns(
        RuntimeWarning, match="fused engine runs in place of the Triton.*cuda:0.*gradient of x differs"
    ):
        assert not triton.covers(ATAN, gpu)
    assert not triton.covers(ATAN, gpu)
    assert not recwarn.list


def test_a_plan_is_not_tried_while_a_graph_is_captured(gpu, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: True)
    monkeypatch.setattr(triton, "_differs", lambda plan, x: pytest.fail("ran"))
    assert not triton.covers(ATAN, gpu)
    assert not triton._proven


def test_the_example_sees_a_wrong_bit(monkeypatch):
    like = torch.empty(0)
    learned = ATAN._replace(charge="charge_plif", states="last")
    monkeypatch.setattr(triton, "forward", fused.forward)
    monkeypatch.setattr(triton, "backward", fused.backward)
    assert triton._differs(ATAN, like) is None
    assert triton._differs(learned, like) is None

    def off(at):
        def backward(*given):
            *grads, gw = fused.backward(*given)
            flat = (*grads, *gw)[at].view(-1)
            flat[-1:] = torch.nextafter(flat[-1:], torch.tensor(torch.inf))
            return *grads, gw

        return backward

    for at, name in enumerate(("gradient of x", "gradient of v", "gradient of w")):
        monkeypatch.setattr(triton, "backward", off(at))
        assert triton._differs(learned, like) == f"{name} differs"
    monkeypatch.setattr(triton, "forward", lambda *given: 1 / 0)
    assert triton._differs(ATAN, like) == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize("engine", where_triton_is("interpreter"))
def test_the_example_runs(engine, interpreter):
    if not has_kernels(engine):
        return
    plan = ATAN._replace(charge="charge_plif_to", constants=(-0.2,), states="first")
    assert triton._differs(plan, torch.empty(0)) is None
    assert len(interpreter) == 2
