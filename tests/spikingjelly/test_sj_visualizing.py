"""Pictures: what is drawn where, read from matplotlib's figures."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import numpy
import pytest
import torch

from unisnn.core import edition, optional
from unisnn.spikingjelly import visualizing as V

matplotlib.use("Agg")
from matplotlib import pyplot


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def test_a_heatmap_has_time_to_the_right_and_neurons_downwards() -> None:
    array = numpy.arange(12.0).reshape(4, 3)
    figure = V.plot_2d_heatmap(array, "title", "t", "n", x_max=10)
    heat, bar = figure.axes
    (picture,) = heat.images
    assert (picture.get_array() == array.T).all()
    assert picture.get_extent() == [-0.5, 10, 2.5, -0.5]
    assert (heat.get_title(), heat.get_xlabel(), heat.get_ylabel()) == ("title", "t", "n")
    assert bar.get_ylabel() == "magnitude"
    assert figure.get_size_inches().tolist() == [12, 8]
    assert figure.dpi == 200
    assert all(float(tick).is_integer() for tick in heat.get_yticks())
    halves = V.plot_2d_heatmap(array, "", "", "", False, False, False).axes
    assert len(halves) == 1
    assert not all(float(tick).is_integer() for tick in halves[0].get_yticks())


def test_bars_stand_in_a_row_for_each_neuron() -> None:
    array = torch.tensor([[0.5, 1.0], [0.25, -1.0], [0.0, 2.0]], requires_grad=True)
    (axes,) = V.plot_2d_bar_in_3d(array, "title", "n", "t", "rate").axes
    assert len(axes.patches) == 6
    assert len({patch.get_facecolor() for patch in axes.patches}) == 2
    assert axes.get_zlabel() == "rate"
    assert axes.get_zlim()[0] < -1
    assert axes.get_zlim()[1] > 2


def test_spikes_are_strokes_and_rates_are_readable() -> None:
    spikes = numpy.array([[1, 0, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    trains, rates = V.plot_1d_spikes(spikes, "title", "t", "n").axes
    found = [[int(t) for t in stroke.get_positions()] for stroke in trains.collections]
    assert found == [[0], [], [0, 1, 2], [1, 2]]
    assert [stroke.get_lineoffset() for stroke in trains.collections] == [0, 1, 2, 3]
    assert trains.get_xlim() == (-0.5, 2.5)
    assert trains.get_ylim() == (3.5, -0.5)
    texts = [(text.get_text(), text.get_color()) for text in rates.texts]
    assert texts == [("0.33", "w"), ("0.00", "w"), ("1.00", "black"), ("0.67", "w")]
    (alone,) = V.plot_1d_spikes(spikes, "", "", "", plot_firing_rate=False, figsize=(3, 2), dpi=50).axes
    assert alone.figure.get_size_inches().tolist() == [3, 2]
    assert alone.figure.dpi == 50


def test_feature_maps_lie_in_a_bright_frame() -> None:
    x = numpy.arange(24.0).reshape(4, 2, 3)
    figure, axes = V.plot_2d_feature_map(x, 2, 2, 3, "title")
    assert axes in figure.axes
    drawn = numpy.asarray(axes.images[0].get_array())
    assert drawn.shape == (10, 12)
    for c in range(4):
        row, column = 5 * (c // 2) + 1, 6 * (c % 2) + 1
        assert (drawn[row : row + 2, column : column + 3] == x[c]).all()
        drawn[row : row + 2, column : column + 3] = 23
    assert (drawn == 23).all()
    with edition.using("spikingjelly", "0.0.0.0.12"):
        earlier, _ = V.plot_2d_spiking_feature_map(x, 2, 2, 3, "title")
    assert earlier.get_size_inches().tolist() == matplotlib.rcParams["figure.figsize"]


def test_a_neuron_is_drawn_from_what_a_simulation_collects() -> None:
    v = [torch.tensor([value], requires_grad=True) for value in (0.2, 0.8, 0.0, 0.4)]
    s = [torch.tensor([value]) for value in (0.0, 0.0, 1.0, 0.0)]
    figure, above, below = V.plot_one_neuron_v_s(v, s, v_threshold=0.9, v_reset=-0.1)
    assert figure.axes == [above, below]
    assert above.lines[0].get_ydata() == pytest.approx([0.2, 0.8, 0.0, 0.4])
    assert [line.get_ydata()[0] for line in above.lines[1:]] == [0.9, -0.1]
    assert [list(stroke.get_positions()) for stroke in below.collections] == [[2]]
    assert above.get_title() == "$V[t]$ and $S[t]$ of the neuron"
    _, above, _ = V.plot_one_neuron_v_s(v, s, v_reset=None)
    assert len(above.lines) == 2


def test_the_earlier_edition_has_its_own_titles_unless_one_is_given() -> None:
    spikes = numpy.ones((3, 2))
    with edition.using("spikingjelly", "0.0.0.0.12"):
        figure = V.plot_1d_spikes(spikes, "", "", "")
        chosen = V.plot_1d_spikes(spikes, "", "", "", firing_rate_map_title="firing rate")
        _, above, _ = V.plot_one_neuron_v_s(spikes[:, 0], spikes[:, 0])
    assert figure.get_size_inches().tolist() == matplotlib.rcParams["figure.figsize"]
    assert figure.axes[1].get_title() == "Firing Rate"
    assert chosen.axes[1].get_title() == "firing rate"
    assert above.get_title() == "$V_{t}$ and $S_{t}$ of the neuron"


def test_every_number_type_of_torch_is_drawn() -> None:
    for dtype in (torch.bfloat16, torch.float16, torch.bool, torch.int8):
        assert V.plot_2d_heatmap(torch.eye(3).to(dtype), "", "", "", dpi=20).axes


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: V.plot_2d_heatmap([1.0], "", "", ""), ValueError, r"array of shape \(1,\)"),
        (lambda: V.plot_2d_bar_in_3d(torch.ones(1, 1, 1), "", "", "", ""), ValueError, r"\[T, N\]"),
        (lambda: V.plot_1d_spikes(numpy.ones((3, 0)), "", "", ""), ValueError, "N >= 1"),
        (lambda: V.plot_2d_feature_map(numpy.ones((3, 1, 1)), 2, 2, 1, ""), AssertionError, "C=3"),
        (
            lambda: V.plot_2d_feature_map(numpy.ones((1, 1, 1)), 1, 1, -1, ""),
            ValueError,
            "space=-1",
        ),
        (
            lambda: V.plot_2d_feature_map(numpy.ones((1, 1, 1)), 1, 1, 0.5, ""),
            TypeError,
            "space=0.5",
        ),
        (
            lambda: V.plot_one_neuron_v_s([0.0], [0.0, 1.0]),
            ValueError,
            "v of 1 and s of 2 time steps",
        ),
        (lambda: V.plot_one_neuron_v_s(numpy.ones((2, 2)), [0.0, 1.0]), ValueError, "one neuron"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_leaves_no_figure(call, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()
    assert pyplot.get_fignums() == []


def test_the_import_loads_no_matplotlib_and_a_call_without_it_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from unisnn.spikingjelly import visualizing as V\n"
        "try:\n    V.plot_2d_heatmap([[1.0]], '', '', '')\n"
        "except ModuleNotFoundError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "plot_2d_heatmap needs matplotlib, which is not installed: pip install 'unisnn[plots]'\n"
    )


def test_a_package_that_lacks_a_package_says_so_itself(tmp_path, monkeypatch) -> None:
    (tmp_path / "unisnn_sample_of_a_package.py").write_text("import unisnn_sample_that_is_nowhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="No module named 'unisnn_sample_that_is_nowhere'"):
        optional.module("unisnn_sample_of_a_package", "f", "plots")


def test_the_oracle_draws_with_matplotlib_itself() -> None:
    from unisnn.parity import stubs

    served = stubs.StandIns({"matplotlib": (), "matplotlib.pyplot": (), "torchvision": ()}, ())
    assert served.find_spec("matplotlib.pyplot") is None
    assert served.find_spec("torchvision") is not None
