"""Every class of pre-2.0 SpikingJelly as an object: its bases, attributes, memories, copies and replicas.

A row is a class with its arguments and the input it takes; ``+`` before the input's name puts the time
steps in front. Classes that upstream cannot construct (``activation_based.neuron.LIAFNode``,
``clock_driven.neuron.AdaptiveBaseNode`` and ``MultiStepGeneralNode``) or that are no modules there
(``TemporalWiseAttention``, ``MultiDimensionalAttention``) have their cases in other families.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unisnn.parity.case import Case
from unisnn.parity.cases import _grid

__all__ = ["cases"]

_SJ14, _SJ12 = "spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12"
_AB, _CD = "activation_based", "clock_driven"
_Row = tuple[str, tuple[Any, ...], dict[str, Any], str]

_SHAPES = {
    "dense": [3, 6],
    "line": [3, 2, 8],
    "picture": [3, 2, 6, 6],
    "volume": [2, 2, 4, 4, 4],
    "small": [3, 2, 4, 3],
    "votes": [3, 20],
    "five": [3, 5],
    "weeks": [4, 3, 8],
}
_MANY = {"step_mode": "m"}
_LINEAR = {"$torch": "nn.Linear", "args": [6, 6]}
_RELU = {"$torch": "nn.ReLU"}


def _surrogate(edition: str, name: str, **kwargs: Any) -> dict[str, Any]:
    return _grid.new(f"{edition}.surrogate.{name}", **kwargs)


_NEURONS: tuple[_Row, ...] = (
    ("BaseNode", (), {}, ""),
    ("AdaptBaseNode", (), {"w_rest": 0.1, "a": 0.2}, ""),
    ("IFNode", (), {}, "dense"),
    (
        "IFNode",
        (),
        {"v_reset": None, "detach_reset": True, "surrogate_function": _surrogate(_AB, "ATan")},
        "small",
    ),
    ("IFNode", (), {**_MANY, "store_v_seq": True}, "+dense"),
    ("LIFNode", (), {}, "dense"),
    ("LIFNode", (), {"tau": 1.7, "decay_input": False, "v_reset": None, "v_threshold": 0.9}, "dense"),
    ("LIFNode", (), {**_MANY, "store_v_seq": True, "v_reset": 0.2}, "+dense"),
    ("ParametricLIFNode", (), {}, "dense"),
    (
        "ParametricLIFNode",
        (),
        {**_MANY, "store_v_seq": True, "init_tau": 3.0, "decay_input": False},
        "+dense",
    ),
    ("QIFNode", (), {}, "dense"),
    ("QIFNode", (), {**_MANY, "v_c": 0.7, "v_reset": None, "store_v_seq": True}, "+dense"),
    ("EIFNode", (), {}, "dense"),
    ("EIFNode", (), {**_MANY, "delta_T": 0.7, "v_reset": None, "store_v_seq": True}, "+dense"),
    ("IzhikevichNode", (), {}, "dense"),
    ("IzhikevichNode", (), {**_MANY, "a": 0.1, "b": 0.2, "v_reset": None, "store_v_seq": True}, "+dense"),
    ("KLIFNode", (), {}, "dense"),
    ("KLIFNode", (True,), {"v_reset": 0.2}, "dense"),
    ("KLIFNode", (), {**_MANY, "tau": 3.0, "v_reset": 0.1, "store_v_seq": True}, "+dense"),
)

_LAYERS: tuple[_Row, ...] = (
    ("Linear", (6, 5), {}, "dense"),
    ("Linear", (6, 5, False), _MANY, "+dense"),
    ("Conv1d", (2, 4, 3), {"padding": 1}, "line"),
    ("Conv2d", (2, 4, 3), {"padding": 1, "bias": False}, "picture"),
    ("Conv2d", (2, 4, 2), {**_MANY, "groups": 2, "dilation": 2, "padding_mode": "circular"}, "+picture"),
    ("Conv3d", (2, 3, 2), {}, "volume"),
    ("ConvTranspose1d", (2, 3, 2), {"stride": 2}, "line"),
    ("ConvTranspose2d", (2, 3, 2), {**_MANY, "stride": 2, "output_padding": 1}, "+picture"),
    ("ConvTranspose3d", (2, 2, 2), {}, "volume"),
    ("BatchNorm1d", (2,), {}, "line"),
    ("BatchNorm2d", (2,), {**_MANY, "affine": False}, "+picture"),
    ("BatchNorm2d", (2,), {"track_running_stats": False}, "picture"),
    ("BatchNorm3d", (2,), {}, "volume"),
    ("GroupNorm", (1, 2), {}, "picture"),
    ("GroupNorm", (1, 2), _MANY, "+picture"),
    ("MaxPool1d", (2,), {}, "line"),
    ("MaxPool2d", (2,), _MANY, "+picture"),
    ("MaxPool3d", (2,), {}, "volume"),
    ("AvgPool1d", (2,), {}, "line"),
    ("AvgPool2d", (3,), {**_MANY, "stride": 2, "padding": 1}, "+picture"),
    ("AvgPool3d", (2,), {}, "volume"),
    ("AdaptiveAvgPool1d", (3,), {}, "line"),
    ("AdaptiveAvgPool2d", ({"$tuple": [2, 3]},), _MANY, "+picture"),
    ("AdaptiveAvgPool3d", (2,), {}, "volume"),
    ("Flatten", (), {}, "picture"),
    ("Flatten", (1, 2), _MANY, "+picture"),
    ("NeuNorm", (2, 4, 3), {}, "small"),
    ("NeuNorm", (2, 4, 3), {**_MANY, "k": 0.7, "shared_across_channels": True}, "+small"),
    ("Dropout", (), {}, "dense"),
    ("Dropout", (0.3,), _MANY, "+dense"),
    ("Dropout2d", (), {}, "picture"),
    ("Dropout2d", (0.4,), _MANY, "+picture"),
    ("SynapseFilter", (), {}, "dense"),
    ("SynapseFilter", (3.0, True), _MANY, "+dense"),
    ("DropConnectLinear", (6, 5), {}, "dense"),
    ("DropConnectLinear", (6, 5), {"bias": False, "invariant": True, "activation": None, "p": 0.3}, "dense"),
    ("PrintShapeModule", ("here",), {}, "dense"),
    ("VotingLayer", (), {}, "votes"),
    ("VotingLayer", (4,), _MANY, "+votes"),
    ("Delay", (2,), {}, "dense"),
    ("Delay", (2,), _MANY, "+dense"),
    ("LinearRecurrentContainer", (_LINEAR, 6, 6), {}, "dense"),
    ("LinearRecurrentContainer", (_grid.new(f"{_AB}.neuron.LIFNode"), 6, 6, False), _MANY, "+dense"),
    (
        "ElementWiseRecurrentContainer",
        (_grid.new(f"{_AB}.neuron.IFNode"), {"$torch": "nn.Bilinear", "args": [6, 6, 6]}),
        {},
        "dense",
    ),
    (
        "ElementWiseRecurrentContainer",
        (_LINEAR, {"$torch": "nn.Bilinear", "args": [6, 6, 6]}),
        _MANY,
        "+dense",
    ),
    ("MultiStepContainer", (_LINEAR, _grid.new(f"{_AB}.neuron.LIFNode", tau=1.7)), {}, "+dense"),
    ("SeqToANNContainer", (_LINEAR, _RELU), {}, "+dense"),
    ("StepModeContainer", (False, _LINEAR, _RELU), {}, "dense"),
    ("StepModeContainer", (True, _LINEAR, _grid.new(f"{_AB}.neuron.LIFNode")), {}, "dense"),
    ("ThresholdDependentBatchNorm1d", (0.5, 1.3, 2), {}, "+line"),
    ("ThresholdDependentBatchNorm2d", (0.5, 1.3, 2), {"eps": 1e-3}, "+picture"),
    ("ThresholdDependentBatchNorm3d", (0.5, 1.3, 2), {}, "+volume"),
)

_OTHERS: tuple[_Row, ...] = (
    ("base.StepModule", (), {}, ""),
    ("base.SingleModule", (), {}, ""),
    ("base.MultiStepModule", (), {}, ""),
    ("base.MemoryModule", (), {}, ""),
    ("encoding.StatelessEncoder", (), {}, ""),
    ("encoding.StatefulEncoder", (3,), {}, ""),
    (
        "encoding.PeriodicEncoder",
        ({"$tensor": {"kind": "binary", "seed": 92, "shape": [4, 3]}},),
        {},
        "dense",
    ),
    ("encoding.LatencyEncoder", (5,), {}, "dense"),
    ("encoding.LatencyEncoder", (5, "log"), _MANY, "+dense"),
    ("encoding.PoissonEncoder", (), {}, "dense"),
    ("encoding.PoissonEncoder", (), _MANY, "+dense"),
    ("encoding.WeightedPhaseEncoder", (4,), {}, "dense"),
    ("spike_op.SpikeLinear", (6, 5), {}, "dense"),
    ("spike_op.SpikeConv1d", (2, 3, 3), {"padding": 1}, "line"),
    ("spike_op.SpikeConv2d", (2, 3, 3), {"bias": False}, "picture"),
    ("spike_op.SpikeConv3d", (2, 3, 3), {"stride": 2}, "volume"),
    ("learning.STDPLearner", ("s", _LINEAR, _grid.new(f"{_AB}.neuron.IFNode"), 2.0, 3.0), {}, ""),
    ("learning.STDPLearner", ("m", _LINEAR, _grid.new(f"{_AB}.neuron.IFNode"), 2.0, 3.0), {}, ""),
    ("learning.MSTDPLearner", ("s", 2, _LINEAR, _grid.new(f"{_AB}.neuron.IFNode"), 2.0, 3.0), {}, ""),
    ("learning.MSTDPETLearner", ("s", _LINEAR, _grid.new(f"{_AB}.neuron.IFNode"), 2.0, 3.0, 4.0), {}, ""),
    ("ann2snn.Converter", ([{"$tensor": {"kind": "full", "shape": [2, 6], "value": 1}}],), {}, ""),
    ("ann2snn.Converter", ([],), {"mode": "99.9%", "momentum": 0.3, "fuse_flag": False}, ""),
    ("ann2snn.modules.VoltageHook", (), {}, "dense"),
    ("ann2snn.modules.VoltageHook", (2.0, 0.3, "99%"), {}, "dense"),
    ("ann2snn.modules.VoltageScaler", (0.5,), {}, "dense"),
)

_NET = {"$torch": "nn.Sequential", "args": [_LINEAR, _grid.new(f"{_AB}.neuron.IFNode")]}
_WATCHED = {"$symbol": f"{_AB}.neuron.IFNode"}
_MONITORS: tuple[_Row, ...] = (
    ("monitor.BaseMonitor", (), {}, ""),
    ("monitor.OutputMonitor", (_NET, _WATCHED), {}, ""),
    ("monitor.InputMonitor", (_NET,), {}, ""),
    ("monitor.AttributeMonitor", ("v", False, _NET, _WATCHED), {}, ""),
    ("monitor.GradInputMonitor", (_NET, _WATCHED), {}, ""),
    ("monitor.GradOutputMonitor", (_NET, _WATCHED), {}, ""),
)

_CLOCK_NEURONS: tuple[_Row, ...] = (
    ("BaseNode", (), {}, ""),
    ("IFNode", (), {}, "dense"),
    (
        "IFNode",
        (),
        {"v_reset": None, "detach_reset": True, "surrogate_function": _surrogate(_CD, "ATan")},
        "dense",
    ),
    ("MultiStepIFNode", (), {"v_reset": None}, "+dense"),
    ("LIFNode", (), {"tau": 1.7, "decay_input": False}, "dense"),
    ("MultiStepLIFNode", (), {}, "+dense"),
    ("MultiStepLIFNode", (), {"tau": 1.7, "decay_input": False, "v_reset": None}, "+dense"),
    ("ParametricLIFNode", (), {"init_tau": 3.0}, "dense"),
    ("MultiStepParametricLIFNode", (), {"decay_input": False}, "+dense"),
    ("QIFNode", (), {}, "dense"),
    ("EIFNode", (), {}, "dense"),
    ("MultiStepEIFNode", (), {"v_reset": None}, "+dense"),
    ("GeneralNode", (-0.3, 0.7, 0.1), {}, "dense"),
    ("LIAFNode", (_RELU, True), {"tau": 1.7}, "dense"),
)

_CLOCK_LAYERS: tuple[_Row, ...] = (
    ("NeuNorm", (2, 4, 3), {}, "small"),
    ("NeuNorm", (2, 4, 3, 0.7, True), {}, "small"),
    ("DCT", (2,), {}, "picture"),
    ("AXAT", (6, 3), {}, "picture"),
    ("Dropout", (), {}, "dense"),
    ("Dropout2d", (0.4,), {}, "picture"),
    ("MultiStepDropout", (0.3,), {}, "+dense"),
    ("MultiStepDropout2d", (), {}, "+picture"),
    ("SynapseFilter", (), {}, "dense"),
    ("SynapseFilter", (3.0, True), {}, "dense"),
    ("ChannelsPool", ({"$torch": "nn.MaxPool1d", "args": [2]},), {}, "picture"),
    ("DropConnectLinear", (6, 5), {}, "dense"),
    ("DropConnectLinear", (6, 5, False, 0.3, 16, True, None), {}, "dense"),
    ("MultiStepContainer", (_LINEAR, _grid.new(f"{_CD}.neuron.LIFNode", tau=1.7)), {}, "+dense"),
    ("SeqToANNContainer", (_LINEAR, _RELU), {}, "+dense"),
    ("STDPLearner", (10.0, 20.0, _RELU, _RELU), {}, ""),
    ("PrintShapeModule", ("here",), {}, "dense"),
    ("ConvBatchNorm2d", (2, 3, 3), {}, "picture"),
    ("LinearRecurrentContainer", (_grid.new(f"{_CD}.neuron.IFNode"), 6, 6), {}, "dense"),
    (
        "ElementWiseRecurrentContainer",
        (_grid.new(f"{_CD}.neuron.IFNode"), {"$torch": "nn.Bilinear", "args": [6, 6, 6]}),
        {},
        "dense",
    ),
    ("MultiStepThresholdDependentBatchNorm1d", (0.5, 0.8, 2), {}, "+line"),
    ("MultiStepThresholdDependentBatchNorm2d", (0.5, 0.8, 2), {"momentum": 0.3}, "+picture"),
    ("MultiStepThresholdDependentBatchNorm3d", (0.5, 0.8, 2), {}, "+volume"),
    ("MultiStepTemporalWiseAttention", (4, 2, 4), {}, "+picture"),
)

_CLOCK_NET = {"$torch": "nn.Sequential", "args": [_LINEAR, _grid.new(f"{_CD}.neuron.IFNode")]}
_CLOCK_OTHERS: tuple[_Row, ...] = (
    ("base.MemoryModule", (), {}, ""),
    ("monitor.Monitor", (_CLOCK_NET, "cpu", "torch"), {}, ""),
    ("encoding.StatelessEncoder", (), {}, ""),
    ("encoding.StatefulEncoder", (3,), {}, ""),
    (
        "encoding.PeriodicEncoder",
        ({"$tensor": {"kind": "binary", "seed": 92, "shape": [4, 3]}},),
        {},
        "dense",
    ),
    ("encoding.LatencyEncoder", (5,), {}, "dense"),
    ("encoding.PoissonEncoder", (), {}, "dense"),
    ("encoding.WeightedPhaseEncoder", (4,), {}, "dense"),
)

_SURROGATES: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("SurrogateFunctionBase", (2.0,), {}),
    ("MultiArgsSurrogateFunctionBase", (True,), {}),
    ("PiecewiseQuadratic", (), {}),
    ("PiecewiseExp", (0.7,), {}),
    ("Sigmoid", (), {}),
    ("Sigmoid", (2.0, False), {}),
    ("SoftSign", (), {}),
    ("ATan", (3.0,), {}),
    ("NonzeroSignLogAbs", (), {}),
    ("Erf", (), {}),
    ("PiecewiseLeakyReLU", (), {"w": 0.3, "c": 0.1}),
    ("SquarewaveFourierSeries", (), {"n": 3}),
    ("S2NN", (), {"beta": 0.5, "spiking": False}),
    ("QPseudoSpike", (), {}),
)
_LATER: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("LeakyKReLU", (), {"k": 0.7}),
    ("FakeNumericalGradient", (), {}),
    ("LogTailedReLU", (), {"spiking": False}),
)

_BASES = {
    _AB: (
        *(f"{_AB}.base.{name}" for name in ("StepModule", "SingleModule", "MultiStepModule", "MemoryModule")),
        *(f"{_AB}.neuron.{name}" for name in ("BaseNode", "AdaptBaseNode", "LIFNode")),
        f"{_AB}.surrogate.SurrogateFunctionBase",
        f"{_AB}.surrogate.MultiArgsSurrogateFunctionBase",
    ),
    _CD: (
        f"{_CD}.base.MemoryModule",
        *(
            f"{_CD}.neuron.{name}"
            for name in ("BaseNode", "AdaptiveBaseNode", "IFNode", "LIFNode", "EIFNode")
        ),
        f"{_CD}.layer.Dropout",
        f"{_CD}.surrogate.SurrogateFunctionBase",
        f"{_CD}.surrogate.MultiArgsSurrogateFunctionBase",
    ),
}


def _case(edition: str, symbol: str, args: tuple[Any, ...], kwargs: dict[str, Any], source: str) -> Case:
    shape = _SHAPES[source.lstrip("+")] if source else []
    recipe = {"kind": "uniform", "seed": 51, "shape": [4, *shape] if source.startswith("+") else shape}
    inputs = {"x": {**recipe, "low": 0, "high": 0.9, "dtype": "float32"}} if source else {}
    package, module, *_ = symbol.split(".")
    given = {**{str(index): value for index, value in enumerate(args)}, **kwargs}
    what = f"{package}.{module}/{_grid.text(given).replace(' ', '')}"
    skip = ["pickled"] if module == "monitor" else None  # its hooks and functions are no data upstream
    also = (
        ["backward", "cuda_codes"] if symbol.startswith(f"{_CD}.surrogate") else None
    )  # as activation_based's
    asked = [["backend", "cupy"]] if symbol == f"{_AB}.neuron.LIFNode" else None
    more = _grid.options(args=args, kwargs=kwargs, inputs=inputs, bases=list(_BASES[package]), skip=skip)
    more |= _grid.options(also=also, asked=asked)
    return _grid.made(edition, "object", symbol, what, protocol="object", **more)


def _recurrent(edition: str, package: str) -> Iterator[Case]:
    for kind in ("LSTM", "VanillaRNN", "GRU"):
        symbol = f"{package}.rnn.Spiking{kind}"
        yield _case(edition, f"{symbol}Cell", (5, 4), {}, "five")
        yield _case(edition, symbol, (5, 4, 1), {}, "+five")
        yield _case(edition, symbol, (5, 4, 1), {"bias": False, "bidirectional": True}, "+five")
    yield _case(edition, f"{package}.rnn.SpikingRNNCellBase", (5, 4), {}, "")
    yield _case(edition, f"{package}.rnn.SpikingRNNBase", (5, 4, 1), {}, "")


def cases() -> Iterator[Case]:
    """Yield a case or a few for every class that can be constructed."""
    tables = {"neuron": _NEURONS, "layer": _LAYERS, "": (*_OTHERS, *_MONITORS)}
    shared = tuple(row for row in _OTHERS if row[0].startswith("spike_op."))
    converter: _Row = ("ann2snn.Converter", ([],), {"mode": "99%"}, "")
    others = (*_CLOCK_OTHERS, *shared, converter)
    clock = {"neuron": _CLOCK_NEURONS, "layer": _CLOCK_LAYERS, "": others}
    for edition, package, rows in ((_SJ14, _AB, tables), (_SJ14, _CD, clock), (_SJ12, _CD, clock)):
        for module, table in rows.items():
            for name, args, kwargs, source in table:
                path = f"{package}.{module}.{name}" if module else f"{package}.{name}"
                yield _case(edition, path, args, kwargs, source)
        yield from _recurrent(edition, package)
        for name, args, kwargs in (*_SURROGATES, *(_LATER if package == _AB else ())):
            source = "" if name.endswith("Base") else "dense"
            yield _case(edition, f"{package}.surrogate.{name}", args, kwargs, source)
