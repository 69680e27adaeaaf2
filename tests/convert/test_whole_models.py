"""Whole models that a genuine library saved load here, and compute the same bits; malicious files do not."""

from __future__ import annotations

import functools
import io
import os
import pickle
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
import whole_models
from torch import nn

import unisnn
from unisnn.convert import RefusedError, pickles
from unisnn.core import edition
from unisnn.parity import oracle
from unisnn.spikingjelly.activation_based import functional, neuron
from unisnn.spikingjelly.clock_driven import neuron as clock_driven

WRITER = Path(whole_models.__file__)
LINES = [
    ("spikingjelly==0.0.0.0.14", "activation_based"),
    ("spikingjelly==0.0.0.0.14", "clock_driven"),
    ("spikingjelly==0.0.0.0.12", "clock_driven"),
]
LAUNCH = """
import os, runpy, sys
from unisnn.parity import stubs
from unisnn.parity.editions import edition
entry = edition(sys.argv[1])
stubs.install(entry.stubs, entry.bare_packages)
del sys.argv[:2]
sys.path[0] = os.path.dirname(sys.argv[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def genuine(name: str, code: Path, *arguments: str) -> str:
    """Run a program on the genuine library of an edition; return the last line that it prints."""
    oracle.install(name)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LAUNCH, name, str(code), *arguments],
        env=oracle.environment(name, True),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1]


@functools.cache
def written(name: str, line: str) -> tuple[Path, dict[str, np.ndarray], dict[str, tuple[int, ...]]]:
    """Return the folder of the genuine library's files, its arrays, and the shapes of the inputs."""
    folder = Path(tempfile.mkdtemp(prefix="whole-models-"))
    where = genuine(name, WRITER, str(folder), line)
    assert Path(where).is_relative_to(oracle.folder(name))
    with np.load(folder / "results.npz") as results, np.load(folder / "shapes.npz") as shapes:
        return (
            folder,
            {key: results[key] for key in results.files},
            {key: tuple(map(int, shapes[key])) for key in shapes.files},
        )


@pytest.fixture
def one_thread():
    """Upstream's process has one thread; bits may change with their number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:dropout2d")
@pytest.mark.parametrize(("name", "line"), LINES)
def test_what_a_genuine_library_saved_computes_the_same_bits(name, line, one_thread):
    folder, expected, shapes = written(name, line)
    assert len(shapes) > 40
    assert {"network", "own_class", "lstm", "windows"} < set(shapes)
    wrong = []
    for model_name, shape in shapes.items():
        for suffix, count in (("", 1), (".after", 2)):
            file = folder / f"{model_name}{suffix}.pt"
            model = unisnn.load(file, allow=[whole_models.Net], edition=name)
            found = whole_models.arrays(model, shape, count)
            wanted = [expected[key] for key in expected if key.startswith(f"{model_name}{suffix}/")]
            same = len(found) == len(wanted) and all(map(same_bits, found, wanted))
            wrong += [] if same else [file.name]
    assert not wrong


def same_bits(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Bit for bit; a learnable time constant's gradient, a sum over all elements and steps, to rounding."""
    if (found.dtype, found.shape) != (wanted.dtype, wanted.shape):
        return False
    return found.tobytes() == wanted.tobytes() or (
        found.ndim == 0 and bool(np.isclose(found, wanted, 1e-6, 0))
    )


@pytest.mark.oracle
def test_torch_load_itself_works_inside_the_allow_list(one_thread):
    name, line = LINES[0]
    folder, expected, shapes = written(name, line)
    file = folder / "network.pt"
    with pickles.allow_list(file):
        model = torch.load(file)
    assert type(model[2]) is neuron.ParametricLIFNode
    assert same_bits(whole_models.arrays(model, shapes["network"])[0], expected["network/0"])
    with pytest.raises(pickle.UnpicklingError, match="Unsupported global"):
        torch.load(file, weights_only=True)


@pytest.mark.oracle
def test_a_script_under_the_door_loads_a_genuine_file_by_its_upstream_names():
    name, line = LINES[0]
    folder, _, _ = written(name, line)
    code = """
    import sys, torch
    from spikingjelly.activation_based import functional, neuron
    net = torch.load(sys.argv[1], weights_only=False)
    assert type(net[2]) is neuron.ParametricLIFNode
    functional.reset_net(net)
    print(net[2].__class__.__module__.partition(".")[0], tuple(net(torch.rand(3, 1, 2, 6, 6)).shape))
    """
    command = [sys.executable, "-m", "unisnn", "run", "--as", name, "-c", textwrap.dedent(code)]
    done = subprocess.run(
        [*command, folder / "network.pt"],
        env=oracle.environment(name, False),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "unisnn (3, 1, 5)\n", done.stderr


OTHERS = {
    "snngrow==0.1.1a1": """
from snngrow.base.neuron.LIFNode import LIFNode
from snngrow.base.surrogate.Sigmoid import Sigmoid
model = nn.Sequential(nn.Linear(4, 4), LIFNode(surrogate_function=Sigmoid()))
x = torch.linspace(-3, 5, 24).reshape(6, 4)
""",
    "braincog==0.2.7.19": """
from braincog.base.node.node import LIFNode
model = nn.Sequential(nn.Linear(4, 4), LIFNode(threshold=0.5, tau=2.0))
x = torch.linspace(-3, 5, 24).reshape(6, 4)
""",
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", OTHERS)
def test_the_other_libraries_models_load_too(name, tmp_path, one_thread):
    program = tmp_path / "program.py"
    program.write_text(
        f"import sys, torch\nfrom torch import nn\ntorch.manual_seed(0)\n{OTHERS[name]}\n"
        "torch.save(model, sys.argv[1])\ntorch.save((x, model(x).detach()), sys.argv[2])\nprint('done')\n"
    )
    assert genuine(name, program, str(tmp_path / "net.pt"), str(tmp_path / "xy.pt")) == "done"
    model = unisnn.load(tmp_path / "net.pt", edition=name)
    x, y = unisnn.load(tmp_path / "xy.pt")
    assert type(model[1]).__module__.startswith("unisnn.")
    assert 0 < y.mean() < 1
    assert torch.equal(model(x), y)


class Holder(nn.Module):
    """A user's module with a library's inside, and an attribute."""

    def __init__(self, extra: object = None) -> None:
        super().__init__()
        self.node = neuron.IFNode()
        self.extra = extra


class Command:
    """What a malicious file holds: a call."""

    def __init__(self, function, *arguments) -> None:
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def saved(value: object, **options: object) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(value, file, **options)
    file.seek(0)
    return file


def test_what_unisnn_saves_loads_too():
    node = neuron.LIFNode(tau=3.0)
    node(torch.ones(2))
    loaded = unisnn.load(saved(nn.Sequential(node.eval(), nn.Linear(2, 2))))
    assert torch.equal(loaded[0].v, node.v)
    assert loaded[0].tau == 3.0
    assert not loaded[0].training


@pytest.mark.parametrize("backend", ["torch", "cupy"])
def test_old_attribute_layouts(backend):
    """Before 0.0.0.0.12 the leaky neurons had no ``decay_input``; who had cupy saved that backend."""
    for cls in (clock_driven.LIFNode, clock_driven.MultiStepLIFNode, clock_driven.MultiStepParametricLIFNode):
        node, old = cls(), cls()
        del vars(old)["decay_input"]
        if "backend" in vars(old):
            vars(old)["backend"] = backend
        x = whole_models.drive(4, 3)
        loaded = unisnn.load(saved(old))
        assert "decay_input" not in vars(loaded)
        assert torch.equal(loaded(x), node(x))
        assert node.v.count_nonzero()


def test_your_own_classes_are_allowed_by_you():
    before = set(torch.serialization.get_safe_globals())
    file = saved(Holder())
    refusal = r"test_whole_models\.Holder: not on the allow-list(?s:.*)allow="
    with pytest.raises(RefusedError, match=refusal) as caught:
        unisnn.load(file)
    assert list(caught.value.refused) == [f"{__name__}.Holder"]
    assert isinstance(unisnn.load(file, allow=[Holder]), Holder)
    file.seek(0)
    assert isinstance(unisnn.load(file, allow={f"{__name__}.Holder": Holder}).node, neuron.IFNode)
    with pytest.raises(TypeError, match="expected classes"):
        unisnn.load(file, allow=["Holder"])
    assert set(torch.serialization.get_safe_globals()) == before


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}])
@pytest.mark.parametrize("where", ["alone", "beside weights", "inside a module", "as a hook"])
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
def test_a_malicious_file_is_refused_and_nothing_runs(tmp_path, where, options):
    proof = tmp_path / "executed"
    command = Command(os.system, f"touch {proof}")
    node = neuron.IFNode()
    node._forward_hooks[0] = command
    values = {
        "alone": command,
        "beside weights": OrderedDict(weight=torch.ones(2), bias=command),
        "inside a module": Holder(command),
        "as a hook": node,
    }
    file = tmp_path / "model.pt"
    torch.save(values[where], file, **options)
    with pytest.raises(pickle.UnpicklingError) as caught:
        unisnn.load(file, allow=[Holder])
    if not options:
        assert caught.value.refused == {f"{os.system.__module__}.system": "not on the allow-list"}
    assert "weights_only" not in str(caught.value)
    assert not proof.exists()
    torch.load(file, weights_only=False)  # the file is what it is taken for
    assert proof.exists()


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (getattr, (neuron.IFNode, "__init__")),
        (getattr, (neuron.IFNode, "forward")),
        (getattr, ("text", "format")),
        (eval, ("1",)),
        (exec, ("pass",)),
        (__import__, ("os",)),
        (subprocess.run, (["true"],)),
        (torch.hub.load, ("a", "b")),
        (functional.reset_net, (1,)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_nothing_else_can_be_called(function, arguments):
    with pytest.raises(pickle.UnpicklingError, match="is refused"):
        unisnn.load(saved(Command(function, *arguments)))


def test_a_traced_graph_is_code_and_is_refused():
    """What ``ann2snn`` makes is a ``torch.fx`` graph: its pickle is source text that loading would run."""
    file = saved(torch.fx.symbolic_trace(nn.Sequential(nn.Linear(2, 2), nn.ReLU())))
    with pytest.raises(
        RefusedError, match=r"torch\.fx\.graph_module\.reduce_graph_module: not on the allow-list"
    ):
        unisnn.load(file)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("spikingjelly.activation_based.neuron.NoSuchNode", "has no NoSuchNode"),
        ("spikingjelly.no_such_part.Thing", r"unisnn has no unisnn\.spikingjelly\.no_such_part"),
        ("spikingjelly.datasets.dvs128_gesture.DVS128Gesture", "absent from unisnn|not a module class"),
        ("spikingjelly.activation_based.functional.reset_net", "not a module class"),
        ("spikingjelly.activation_based.layer.torch", "has no torch|not a module class"),
        ("torch.nn.modules.module.torch", "not a module class"),
        ("torch.nn.modules.no_such.Linear", "has no Linear"),
        ("torch.hub.load", "not on the allow-list"),
        ("__main__.Net", "not on the allow-list"),
    ],
)
def test_a_name_is_refused_with_its_reason(name, reason):
    module, _, attribute = name.rpartition(".")
    file = written_by_hand(f"c{module}\n{attribute}\n.".encode())
    assert pickles.names(file) == [name]
    with pytest.raises(RefusedError, match=reason) as caught:
        unisnn.load(file)
    assert list(caught.value.refused) == [name]


def test_an_old_name_may_come_in_two_ways():
    for data in (b"cspikingjelly.activation_based.neuron\nIFNode\n)\x81.", b"c__builtin__\ngetattr\n."):
        assert len(pickles.names(written_by_hand(b"\x80\x02" + data))) == 1
    node = unisnn.load(written_by_hand(b"\x80\x02cspikingjelly.activation_based.neuron\nIFNode\n)R."))
    assert type(node) is neuron.IFNode
    text = b"\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93\x94."
    assert pickles.names(written_by_hand(text)) == ["posix.system"]


def written_by_hand(pickled: bytes) -> io.BytesIO:
    """Return a file of torch's format that holds these bytes as its pickle."""
    file = io.BytesIO()
    with zipfile.ZipFile(saved([])) as archive, zipfile.ZipFile(file, "w") as other:
        for entry in archive.namelist():
            data = archive.read(entry)
            if entry.endswith("data.pkl"):
                data = pickled if pickled.startswith(b"\x80") else b"\x80\x02" + pickled
            other.writestr(entry, data)
    file.seek(0)
    return file


def test_state_dicts_and_damaged_files(tmp_path):
    state = {"w": torch.arange(3.0), "epoch": 7}
    for options in ({}, {"_use_new_zipfile_serialization": False}):
        loaded = unisnn.load(saved(state, **options), map_location="cpu")
        assert torch.equal(loaded["w"], state["w"])
        assert loaded["epoch"] == 7
    (tmp_path / "text.pt").write_text("no pickle")
    with pytest.raises(pickle.UnpicklingError, match=r"text\.pt is refused"):
        unisnn.load(tmp_path / "text.pt")
    with pytest.raises(pickle.UnpicklingError, match=r"torch\.save wrote|is refused"):
        unisnn.load(io.BytesIO(saved(state).getvalue()[:200]))
    with pytest.raises(FileNotFoundError):
        unisnn.load(tmp_path / "missing.pt")
    with pytest.raises(ValueError, match="not reproduced"):
        unisnn.load(saved(state), edition="spikingjelly==9")


def test_the_edition_that_is_asked_for_decides():
    file = saved(nn.Identity())
    before = edition.current("spikingjelly")
    unisnn.load(file, edition="spikingjelly==0.0.0.0.14")
    assert edition.current("spikingjelly") == before
    surrogate = b"cspikingjelly.activation_based.surrogate\nPiecewiseLeakyReLU\n)R."
    heights = [
        unisnn.load(written_by_hand(surrogate), edition=f"spikingjelly=={version}")._full_height
        for version in ("0.0.0.0.14", "3756e2f8")
    ]
    assert heights == [True, False]
