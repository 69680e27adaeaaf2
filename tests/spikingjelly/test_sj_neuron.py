"""Neurons: numbers recorded from SpikingJelly 0.0.0.0.14, step modes, dtypes, arguments."""

import logging
import pickle

import pytest
import torch

from unisnn.spikingjelly.activation_based import base, functional, neuron, surrogate

X = [[0.4, 1.1, -0.3], [0.9, 0.25, 1.6], [0.3, 0.7, 0.55], [1.2, -0.6, 0.8], [0.05, 0.95, 1.3]]
G = [[1.0, -0.5, 0.25], [0.3, 0.7, -1.0], [-0.2, 0.4, 0.6], [0.8, -0.9, 0.1], [0.5, 0.15, -0.35]]

# class, arguments, spikes over T=5 x 3 neurons, last v, gradient of x[2] in training; ATan surrogate
RECORDED = [
    (
        neuron.IFNode,
        {"v_reset": -0.1},
        "010101000101011",
        ["-0x1.99999a0000000p-5", "-0x1.99999a0000000p-4", "-0x1.99999a0000000p-4"],
        ["0x1.f926c40000000p-3", "0x1.470f900000000p-2", "0x1.89b0da0000000p-2"],
    ),
    (
        neuron.LIFNode,
        {"tau": 1.7, "decay_input": False},
        "010101000101001",
        ["0x1.99999a0000000p-5", "0x1.ad9be40000000p-1", "0x0.0p+0"],
        ["0x1.d389740000000p-4", "0x1.2788c40000000p-2", "0x1.09e11e0000000p-2"],
    ),
    (
        neuron.LIFNode,
        {"tau": 1.7, "v_reset": 0.2, "detach_reset": True},
        "000001000100001",
        ["0x1.d5d5d60000000p-3", "0x1.6ca28c0000000p-1", "0x1.99999a0000000p-3"],
        ["0x1.0ab4fc0000000p-3", "0x1.288c880000000p-3", "0x1.a355320000000p-4"],
    ),
    (
        neuron.LIFNode,
        {"tau": 1.7, "decay_input": False, "v_reset": None},
        "010101000101001",
        ["0x1.807b6e0000000p-3", "0x1.af14b00000000p-1", "0x1.606c980000000p-2"],
        ["0x1.8a47d00000000p-4", "0x1.35881a0000000p-2", "0x1.85355c0000000p-2"],
    ),
    (
        neuron.ParametricLIFNode,
        {"init_tau": 1.5, "v_reset": 0.2},
        "000001000100001",
        ["0x1.ddddde0000000p-3", "0x1.88be780000000p-1", "0x1.99999a0000000p-3"],
        ["0x1.f17b540000000p-5", "0x1.7ee7bc0000000p-3", "0x1.34482e0000000p-3"],
    ),
    (
        neuron.ParametricLIFNode,
        {"init_tau": 1.5, "decay_input": False, "v_reset": None},
        "010101000101001",
        ["0x1.35ba7c0000000p-3", "0x1.ad31f00000000p-1", "0x1.4079580000000p-2"],
        ["0x1.520f980000000p-4", "0x1.1ff8f40000000p-2", "0x1.65888a0000000p-2"],
    ),
]
NODES = [neuron.IFNode, neuron.LIFNode, neuron.ParametricLIFNode]


def _run(node: neuron.BaseNode, x: torch.Tensor) -> torch.Tensor:
    return node(x) if node.step_mode == "m" else torch.stack([node(step) for step in x])


@pytest.mark.parametrize("step_mode", ["s", "m"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("kind", "arguments", "spikes", "v", "gradient"), RECORDED)
def test_numbers_recorded_from_upstream(
    kind: type, arguments: dict, spikes: str, v: list, gradient: list, training: bool, step_mode: str
) -> None:
    node = kind(**arguments, surrogate_function=surrogate.ATan(), step_mode=step_mode).train(training)
    x = torch.tensor(X, requires_grad=True)
    y = _run(node, x)
    assert "".join(str(int(s)) for s in y.flatten()) == spikes
    learned = kind is neuron.ParametricLIFNode
    tolerance = 1e-6 if learned else 0.0  # w passes through exp, whose last bit is the platform's
    expected = torch.tensor([float.fromhex(value) for value in v])
    assert torch.allclose(node.v, expected, rtol=tolerance, atol=0.0)
    assert y.requires_grad == (training or learned)
    if y.requires_grad:
        (y * torch.tensor(G)).sum().backward()
        expected = torch.tensor([float.fromhex(value) for value in gradient])
        assert torch.allclose(x.grad[2], expected, rtol=tolerance * 10, atol=0.0)


def test_train_and_eval_use_two_equations_without_decay_of_the_input() -> None:
    x = torch.rand(12, 50, generator=torch.Generator().manual_seed(0))
    states = {}
    for training in (True, False):
        for v_reset in (0.0, None):
            node = neuron.LIFNode(tau=1.7, decay_input=False, v_reset=v_reset, step_mode="m").train(training)
            node(x)
            states[training, v_reset] = node.v
    assert not torch.equal(states[True, 0.0], states[False, 0.0])
    assert torch.allclose(states[True, 0.0], states[False, 0.0], atol=1e-6)
    assert torch.equal(states[True, None], states[False, None])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NODES)
def test_a_potential_at_the_threshold_fires(kind: type, training: bool) -> None:
    node = kind(v_threshold=0.5).train(training)
    drive = 0.5 if kind is neuron.IFNode else 1.0
    assert node(torch.tensor([drive, drive - 0.125])).tolist() == [1.0, 0.0]
    assert node.v[0] == 0.0


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NODES)
def test_one_step_at_a_time_and_all_at_once_agree(kind: type, training: bool) -> None:
    x = torch.randn(7, 4, 3, generator=torch.Generator().manual_seed(1))
    results = []
    for step_mode in ("s", "m"):
        node = kind(v_reset=None, step_mode=step_mode).train(training)
        inputs = x.clone().requires_grad_()
        y = torch.cat([_run(node, inputs), _run(node, inputs)])
        (y.sum() + (node.v**2).sum()).backward()
        results.append((y, node.v, inputs.grad))
    for first, second in zip(*results, strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize("kind", [neuron.IFNode, neuron.LIFNode])
def test_eval_fires_hard_and_without_a_graph(kind: type) -> None:
    node = kind(surrogate_function=surrogate.Sigmoid(spiking=False), v_reset=None)
    x = torch.rand(4, 3, requires_grad=True)
    assert set(node(x).unique().tolist()) - {0.0, 1.0}, "in training a surrogate that does not spike"
    node.reset()
    node.eval()
    y = node(x)
    assert set(y.unique().tolist()) <= {0.0, 1.0}
    assert not y.requires_grad
    assert node.v.requires_grad


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NODES)
def test_the_dtype_of_the_input_stays(kind: type, training: bool, dtype: torch.dtype) -> None:
    node = kind().train(training)
    for _ in range(2):
        assert node(torch.ones(2, dtype=dtype)).dtype == dtype
        assert node.v.dtype == dtype


@pytest.mark.parametrize("step_mode", ["s", "m"])
def test_integer_input(step_mode: str) -> None:
    x = torch.tensor([[0, 1], [2, 0]])
    for training, dtype in ((True, torch.float32), (False, torch.int64)):
        node = neuron.LIFNode(step_mode=step_mode, store_v_seq=True).train(training)
        y = _run(node, x)
        assert y.dtype == dtype
        assert y.tolist() == [[0, 0], [1, 0]]
        assert node.v.dtype == torch.float32
        if step_mode == "m":
            assert node.v_seq[0].tolist() == [0.0, 0.5]


def test_shapes_without_elements_and_without_dimensions() -> None:
    for shape in ((), (0,), (2, 0, 3)):
        node = neuron.LIFNode()
        assert node(torch.zeros(shape)).shape == shape
        assert neuron.LIFNode(step_mode="m")(torch.zeros(3, *shape)).shape == (3, *shape)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NODES)
def test_a_sequence_without_time_steps_is_refused(kind: type, training: bool) -> None:
    with pytest.raises(ValueError, match=rf"{kind.__name__}: an input of shape \[0, 3\] .*T >= 1"):
        kind(step_mode="m").train(training)(torch.zeros(0, 3))


def test_nan_and_infinity() -> None:
    x = torch.tensor([float("nan"), float("inf"), -float("inf")])
    for training in (True, False):
        hard, soft = neuron.IFNode().train(training), neuron.IFNode(v_reset=None).train(training)
        assert hard(x).tolist() == soft(x).tolist() == [0.0, 1.0, 0.0]
        assert hard.v.isnan().tolist() == [True, True, False]
        assert soft.v.isnan().tolist() == [True, False, False]


def test_a_tensor_threshold() -> None:
    node = neuron.IFNode()
    node.v_threshold = torch.nn.Parameter(torch.tensor([0.5, 1.5]))
    x = torch.ones(4, 2)
    node(x).sum().backward()
    assert node.v_threshold.grad.shape == (2,)
    node.eval()
    node.reset()
    assert node(x)[0].tolist() == [1.0, 0.0]


def test_v_starts_as_a_float_and_returns_to_it() -> None:
    for v_reset, start in ((0.0, 0.0), (None, 0.0), (-0.25, -0.25)):
        node = neuron.LIFNode(v_reset=v_reset)
        assert node.v == start
        node(torch.ones(2))
        assert isinstance(node.v, torch.Tensor)
        node.reset()
        assert node.v == start
    assert list(neuron.LIFNode().state_dict()) == []
    assert list(neuron.ParametricLIFNode().state_dict()) == ["w"]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NODES)
def test_the_potential_of_every_step_is_stored_on_request(kind: type, training: bool) -> None:
    x = torch.rand(5, 3, generator=torch.Generator().manual_seed(2)) * 2
    node = kind(step_mode="m", store_v_seq=True).train(training)
    assert dict(node.named_memories()) == {"v": 0.0, "v_seq": None}
    node(x)
    assert node.v_seq.shape == x.shape
    assert torch.equal(node.v_seq[-1], node.v)
    single = kind().train(training)
    for t in range(5):
        single(x[t])
        assert torch.equal(node.v_seq[t], single.v)
    node.store_v_seq = False
    assert node.v_seq is not None
    node.reset()
    assert node.v_seq is None
    assert not hasattr(kind(), "v_seq")


def test_shared_default_surrogate() -> None:
    assert neuron.LIFNode().surrogate_function is neuron.LIFNode().surrogate_function


@pytest.mark.parametrize("kind", NODES)
def test_positional_order(kind: type) -> None:
    function = surrogate.ATan()
    leading = () if kind is neuron.IFNode else (3.0, False)
    node = kind(*leading, 0.75, None, function, True, "m", "torch", True)
    assert (node.v_threshold, node.v_reset, node.surrogate_function) == (0.75, None, function)
    assert (node.detach_reset, node.step_mode, node.backend, node.store_v_seq) == (True, "m", "torch", True)
    if leading:
        assert node.decay_input is False


def test_repr() -> None:
    common = "v_threshold=1.0, v_reset=None, detach_reset=False, step_mode=m, backend=torch"
    for kind, tail in (
        (neuron.IFNode, ""),
        (neuron.LIFNode, ", tau=2.0"),
        (neuron.ParametricLIFNode, ", tau=2.0"),
    ):
        assert kind(v_reset=None, step_mode="m").extra_repr() == common + tail


@pytest.mark.parametrize(
    ("kind", "arguments", "message"),
    [
        (neuron.IFNode, {"v_reset": 0}, "IFNode: v_reset=0 is not accepted; expected a float or None"),
        (neuron.IFNode, {"v_threshold": 1}, "IFNode: v_threshold=1 is not accepted; expected a float"),
        (neuron.LIFNode, {"detach_reset": 1}, "LIFNode: detach_reset=1 is not accepted; expected a bool"),
        (neuron.LIFNode, {"tau": 1.0}, "LIFNode: tau=1.0 is not accepted; expected a float greater than 1"),
        (neuron.LIFNode, {"tau": 2}, "LIFNode: tau=2 is not accepted"),
        (neuron.ParametricLIFNode, {"init_tau": 0.5}, "ParametricLIFNode: init_tau=0.5 is not accepted"),
    ],
)
def test_bad_arguments(kind: type, arguments: dict, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        kind(**arguments)


def test_bad_step_mode() -> None:
    with pytest.raises(ValueError, match=r"step_mode can only be \('s', 'm'\), but got \"x\"!"):
        neuron.IFNode(step_mode="x")
    node = neuron.IFNode()
    with pytest.raises(ValueError, match="step_mode can only be"):
        node.step_mode = "x"
    assert node.step_mode == "s"


def test_backends(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "_told", set())
    assert neuron.IFNode().supported_backends == ("torch",)
    assert neuron.IFNode(step_mode="m").supported_backends == ("torch", "cupy")
    assert neuron.BaseNode(step_mode="m").supported_backends == ("torch",)
    with caplog.at_level(logging.INFO, logger="unisnn"):
        for kind in NODES:
            node = kind(step_mode="m", backend="cupy")
            assert node.backend == "cupy"
            assert torch.equal(node(torch.ones(2, 3)), kind(step_mode="m")(torch.ones(2, 3)))
    assert [record.getMessage() for record in caplog.records] == [
        "backend 'cupy' is a request: unisnn runs the best engine at hand"
    ]
    with pytest.raises(NotImplementedError, match="cupy is not a supported backend of LIFNode!"):
        neuron.LIFNode(backend="cupy")
    with pytest.raises(NotImplementedError, match="fast is not a supported backend of LIFNode!"):
        neuron.LIFNode(step_mode="m", backend="fast")
    with pytest.raises(NotImplementedError, match="backend='fast' is not accepted"):
        base.check_backend_library("fast")


def test_a_pickle_names_the_public_path() -> None:
    node = neuron.LIFNode()
    node(torch.ones(2))
    data = pickle.dumps(node)
    assert b"unisnn.spikingjelly.activation_based.neuron\x94" in data
    assert torch.equal(pickle.loads(data).v, node.v)


# torch's own tracer instantiates autograd.Function and warns about itself
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_a_net_compiles_in_one_graph() -> None:
    net = torch.nn.Sequential(
        neuron.LIFNode(step_mode="m"), neuron.IFNode(step_mode="m"), neuron.ParametricLIFNode(step_mode="m")
    )
    x = torch.rand(4, 2, 3) * 3
    for training in (True, False):
        net.train(training)
        functional.reset_net(net)
        expected = net(x)
        functional.reset_net(net)
        compiled = torch.compile(net, backend="eager", fullgraph=True)
        assert torch.equal(compiled(x), expected)
