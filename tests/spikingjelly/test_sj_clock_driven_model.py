"""Networks of ``clock_driven``: one step or all of them, trees, what is refused, pickles."""

from __future__ import annotations

import builtins
import copy
import importlib
import inspect
import io
import pickle
import subprocess
import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from unisnn.core import absent
from unisnn.spikingjelly.clock_driven import functional, layer, neuron, surrogate
from unisnn.spikingjelly.clock_driven.model import (
    parametric_lif_net,
    sew_resnet,
    spiking_resnet,
    spiking_vgg,
    train_classify,
)

SIZES = {  # parameters of torchvision's networks of the same names
    "resnet18": 11689512,
    "resnet34": 21797672,
    "resnet50": 25557032,
    "resnet101": 44549160,
    "resnet152": 60192808,
    "resnext50_32x4d": 25028904,
    "resnext101_32x8d": 88791336,
    "wide_resnet50_2": 68883240,
    "wide_resnet101_2": 126886696,
    "vgg11": 132863336,
    "vgg11_bn": 132868840,
    "vgg13": 133047848,
    "vgg13_bn": 133053736,
    "vgg16": 138357544,
    "vgg16_bn": 138365992,
    "vgg19": 143667240,
    "vgg19_bn": 143678248,
}
SHAPES = {
    "MNISTNet": (1, 28, 28),
    "FashionMNISTNet": (1, 28, 28),
    "NMNISTNet": (2, 34, 34),
    "CIFAR10Net": (3, 32, 32),
    "CIFAR10DVSNet": (2, 128, 128),
    "DVSGestureNet": (2, 128, 128),
}
GIVEN = {"v_threshold": 0.1, "surrogate_function": surrogate.ATan()}
ONE = {"single_step_neuron": neuron.IFNode, **GIVEN}
ALL = {"multi_step_neuron": neuron.MultiStepIFNode, **GIVEN}
RESIDUAL = [(spiking_resnet, "SpikingResNet", {}), (sew_resnet, "SEWResNet", {"cnf": "ADD"})]


def small(module: types.ModuleType, name: str, block: str = "BasicBlock", **kwargs: Any) -> nn.Module:
    torch.manual_seed(0)
    made = {"num_classes": 3, **({"cnf": "ADD"} if module is sew_resnet else {}), **kwargs}
    return getattr(module, name)(getattr(module, block), [1, 1, 1, 1], **made)


def step_by_step(net: nn.Module, x_seq: torch.Tensor) -> torch.Tensor:
    return torch.stack([net(x) for x in x_seq])


@pytest.mark.parametrize("name", SIZES)
def test_every_network_has_the_size_of_the_one_without_spikes(name: str) -> None:
    nets = []
    with torch.device("meta"):
        for prefix, given in (("", ONE), ("multi_step_", {"T": 2, **ALL})):
            if name.startswith("vgg"):
                nets.append(getattr(spiking_vgg, f"{prefix}spiking_{name}")(**given))
            else:
                nets.append(getattr(spiking_resnet, f"{prefix}spiking_{name}")(**given))
                nets.append(getattr(sew_resnet, f"{prefix}sew_{name}")(cnf="ADD", **given))
    for net in nets:
        assert sum(parameter.numel() for parameter in net.parameters()) == SIZES[name]
    assert {type(net).__name__.startswith("MultiStep") for net in nets} == {False, True}


@pytest.mark.parametrize("name", SHAPES)
def test_all_steps_give_what_each_step_gives(name: str) -> None:
    made = []
    for prefix, given in (("", ONE), ("MultiStep", ALL)):
        torch.manual_seed(0)
        made.append(getattr(parametric_lif_net, prefix + name)(channels=2, **given).eval())
    one, every = made
    every.load_state_dict(one.state_dict())
    shown = "T" in inspect.signature(every.forward).parameters
    assert shown == (name in ("MNISTNet", "FashionMNISTNet", "CIFAR10Net"))
    x = torch.rand(1, *SHAPES[name]) * 3
    x_seq = torch.stack([x] * 3) if shown else torch.rand(3, 1, *SHAPES[name]) * 3
    y = every(x, 3) if shown else every(x_seq)
    assert y.shape == (3, 1, 11 if name == "DVSGestureNet" else 10)
    assert bool(y.any())
    torch.testing.assert_close(y, step_by_step(one, x_seq))


@pytest.mark.parametrize(("module", "name", "more"), RESIDUAL)
@pytest.mark.parametrize("block", ["BasicBlock", "Bottleneck"])
def test_residual_networks_agree_over_time(
    module: types.ModuleType, name: str, more: dict[str, Any], block: str
) -> None:
    one = small(module, name, block, **more, **ONE).eval()
    every = small(module, f"MultiStep{name}", f"MultiStep{block}", **more, **ALL).eval()
    every.load_state_dict(one.state_dict())
    x_seq = torch.rand(2, 2, 3, 32, 32) * 3
    expected = step_by_step(one, x_seq)
    torch.testing.assert_close(every(x_seq), expected, rtol=1e-4, atol=1e-5)
    functional.reset_net(one)
    functional.reset_net(every)
    every.T = 2
    expected = step_by_step(one, x_seq[:1].repeat(2, 1, 1, 1, 1))
    torch.testing.assert_close(every(x_seq[0]), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("module", "name", "more"), RESIDUAL)
def test_residual_networks_train(module: types.ModuleType, name: str, more: dict[str, Any]) -> None:
    net = small(module, f"MultiStep{name}", "MultiStepBasicBlock", T=2, **more, **ALL)
    net(torch.rand(2, 3, 32, 32)).sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


def test_the_neurons_share_their_arguments() -> None:
    net = small(sew_resnet, "SEWResNet", **ONE)
    found = [part.surrogate_function for part in net.modules() if isinstance(part, neuron.IFNode)]
    assert len(found) == 1 + 4 * 2 + 3
    assert {id(each) for each in found} == {id(GIVEN["surrogate_function"])}


def test_joining_spikes_the_other_way_round() -> None:
    class Open(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x > 0).float()

    x = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).repeat(2, 1, 4, 1, 1)
    assert x.shape == (2, 1, 4, 2, 2)
    for prefix, argument in (("", "single_step_neuron"), ("MultiStep", "multi_step_neuron")):
        for name, planes, last in (("BasicBlock", 4, "bn2"), ("Bottleneck", 1, "bn3")):
            block = getattr(sew_resnet, prefix + name)(4, planes, cnf="IAND", **{argument: Open})
            nn.init.constant_(getattr(block, last).weight, 0.0)
            nn.init.constant_(getattr(block, last).bias, 5.0)  # each of the block's spikes is 1
            y = block(x if prefix else x[0])
            swapped = name == "Bottleneck" and not prefix
            assert torch.equal(y, (1 - x[0]) if swapped else 0 * y)


def test_class_families() -> None:
    assert issubclass(sew_resnet.MultiStepBottleneck, sew_resnet.Bottleneck)
    assert not issubclass(sew_resnet.Bottleneck, sew_resnet.BasicBlock)
    assert issubclass(spiking_resnet.MultiStepBasicBlock, spiking_resnet.BasicBlock)
    assert not issubclass(spiking_resnet.MultiStepSpikingResNet, spiking_resnet.SpikingResNet)
    assert issubclass(spiking_vgg.MultiStepSpikingVGG, spiking_vgg.SpikingVGG)
    assert issubclass(parametric_lif_net.MultiStepNMNISTNet, parametric_lif_net.MultiStepMNISTNet)
    assert not issubclass(parametric_lif_net.MultiStepNMNISTNet, parametric_lif_net.NMNISTNet)


def test_dropout_of_all_steps_knows_of_time() -> None:
    net = parametric_lif_net.MultiStepCIFAR10Net(channels=2, **ALL)
    assert [name for name, _ in net.named_children()][-2:] == ["dp7", "dp8"]
    assert type(net.dp7) is layer.MultiStepDropout
    net(torch.rand(2, 3, 32, 32), 3)
    assert net.dp8.mask.shape == (2, 2048)
    functional.reset_net(net)
    assert net.dp8.mask is None


def test_votes() -> None:
    voting = parametric_lif_net.VotingLayer(3)
    assert voting(torch.arange(10.0).view(1, 10)).tolist() == [[1, 4, 7]]
    assert (repr(voting), parametric_lif_net.VotingLayer().voting_size) == ("VotingLayer()", 10)
    with pytest.raises(RuntimeError):
        voting(torch.rand(1, 2, 9))


def test_sequential_forward_folds_time_for_all_but_neurons() -> None:
    chain = nn.Sequential(nn.Conv2d(1, 2, 3), neuron.MultiStepIFNode(v_threshold=0.1), nn.Flatten())
    x = torch.rand(3, 2, 1, 5, 5)
    expected = chain[1](chain[0](x.flatten(0, 1)).unflatten(0, (3, 2))).flatten(2)
    functional.reset_net(chain)
    assert torch.equal(spiking_vgg.sequential_forward(chain, x), expected)


def test_vgg_over_time() -> None:
    features = spiking_vgg.SpikingVGG.make_layers([4, "M", 6], True, None, neuron.IFNode)
    assert [type(part).__name__ for part in features] == [
        *("Conv2d", "BatchNorm2d", "IFNode", "MaxPool2d"),
        *("Conv2d", "BatchNorm2d", "IFNode"),
    ]
    with torch.device("meta"):
        net = spiking_vgg.MultiStepSpikingVGG([512], num_classes=7, T=4, **ALL)
        assert net(torch.rand(2, 3, 8, 8)).shape == (4, 2, 7)
        functional.reset_net(net)
        assert net(torch.rand(3, 2, 3, 8, 8)).shape == (3, 2, 7)
        assert spiking_vgg.SpikingVGG([512], num_classes=7, **ONE)(torch.rand(2, 3, 8, 8)).shape == (2, 7)


def test_refusals_name_the_argument() -> None:
    with pytest.raises(TypeError, match="MNISTNet: single_step_neuron=None"):
        parametric_lif_net.MNISTNet()
    with pytest.raises(TypeError, match="MultiStepNMNISTNet: multi_step_neuron=3"):
        parametric_lif_net.MultiStepNMNISTNet(multi_step_neuron=3)
    with pytest.raises(TypeError, match="multi_step_neuron=None"):
        spiking_vgg.multi_step_spiking_vgg11(T=2)
    with pytest.raises(ValueError, match="groups=2"):
        small(spiking_resnet, "SpikingResNet", groups=2, **ONE)
    with pytest.raises(ValueError, match="three booleans"):
        small(sew_resnet, "SEWResNet", replace_stride_with_dilation=[True], **ONE)
    with pytest.raises(NotImplementedError, match="dilation=2"):
        spiking_resnet.BasicBlock(3, 3, dilation=2, **ONE)
    with pytest.raises(NotImplementedError, match=r"cnf=.OR."):
        sew_resnet.BasicBlock(3, 3, cnf="OR", **ONE)(torch.rand(1, 3, 4, 4))
    for net in (
        small(spiking_resnet, "MultiStepSpikingResNet", "MultiStepBasicBlock", **ALL),
        small(sew_resnet, "MultiStepSEWResNet", "MultiStepBasicBlock", **ALL),
    ):
        with pytest.raises(AssertionError, match=r"T=None .* \[2, 3, 32, 32\]; expected T"):
            net(torch.rand(2, 3, 32, 32))


def test_pretrained_weights_are_torchvisions(monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.device("meta"):
        keys = sew_resnet.multi_step_sew_resnet18(cnf="ADD", **ALL).state_dict()
    weights = {name: torch.zeros(value.shape, dtype=value.dtype) for name, value in keys.items()}
    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    for build in (
        lambda: sew_resnet.sew_resnet18(pretrained=True, cnf="ADD", **ONE),
        lambda: spiking_resnet.multi_step_spiking_resnet18(pretrained=True, **ALL),
    ):
        with pytest.raises(RuntimeError, match="install torchvision, or pass pretrained=False"):
            build()
    entry = {"IMAGENET1K_V1": types.SimpleNamespace(url="resnet18.pth")}
    models = types.SimpleNamespace(get_model_weights={"resnet18": entry}.__getitem__)
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *args, **kwargs: weights)
    net = sew_resnet.multi_step_sew_resnet18(pretrained=True, cnf="ADD", **ALL)
    assert float(net.fc.weight.detach().abs().sum()) == 0
    assert ("vgg11" in spiking_vgg.model_urls, "resnet19" in spiking_resnet.model_urls) == (True, False)


def test_networks_are_copied_and_pickled() -> None:
    for net in (
        parametric_lif_net.MultiStepMNISTNet(channels=2, **ALL),
        small(sew_resnet, "SEWResNet", **ONE),
        small(spiking_resnet, "MultiStepSpikingResNet", "MultiStepBottleneck", T=2, **ALL),
    ):
        buffer = io.BytesIO()
        torch.save(net, buffer)
        again = torch.load(io.BytesIO(buffer.getvalue()), weights_only=False)
        for other in (again, copy.deepcopy(net)):
            assert type(other) is type(net)
            assert repr(other) == repr(net)
            for name, tensor in net.state_dict().items():
                assert torch.equal(other.state_dict()[name], tensor)
    for module, name in ((sew_resnet, "multi_step_sew_resnet50"), (spiking_vgg, "spiking_vgg16_bn")):
        function = getattr(module, name)
        assert (function.__name__, function.__module__) == (name, module.__name__)
        assert pickle.loads(pickle.dumps(function)) is function


def test_import_needs_no_torchvision() -> None:
    code = (
        "import sys; from unisnn.spikingjelly.clock_driven.model import sew_resnet, spiking_vgg; "
        "print('torchvision' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def batches(*sizes: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    torch.manual_seed(3)
    return [(torch.randn(n, 4) * 3, torch.arange(n) % 7) for n in sizes]


def test_an_epoch_weighs_batches_by_their_size(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), neuron.IFNode(v_threshold=0.1), nn.Linear(8, 7))
    data, criterion = batches(2, 5, 9), nn.CrossEntropyLoss()
    x, target = torch.cat([x for x, _ in data]), torch.cat([target for _, target in data])
    y = net(x).detach()
    functional.reset_net(net)
    acc1, acc5, loss = train_classify.evaluate(net, criterion, data, "cpu")
    assert loss == pytest.approx(float(criterion(y, target)), rel=1e-6)
    assert acc1 == float((y.argmax(1) == target).sum()) / 16 * 100
    assert acc5 == float((y.argsort(1)[:, -5:] == target[:, None]).sum()) / 16 * 100
    assert (
        f"Test: test_acc1={acc1:.3f}, test_acc5={acc5:.3f}, test_loss={loss:.6f}" in capsys.readouterr().out
    )
    assert not net.training
    optimiser = torch.optim.SGD(net.parameters(), lr=0.2)
    losses = [train_classify.train_one_epoch(net, criterion, optimiser, data, "cpu")[2] for _ in range(20)]
    assert losses[-1] < losses[0] * 0.8
    assert net.training
    assert net[1].v == 0.0
    with pytest.raises(ZeroDivisionError):
        train_classify.evaluate(net, criterion, [], "cpu")
    with pytest.raises(RuntimeError, match="out of range"):
        train_classify.default_cal_acc1_acc5(torch.rand(2, 3), torch.zeros(2, dtype=torch.long))


def test_a_scaler_takes_the_backward_pass() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 7))
    optimiser, seen = torch.optim.SGD(net.parameters(), lr=0.1), []

    class Scaler:
        def scale(self, loss: torch.Tensor) -> torch.Tensor:
            seen.append(("scale", loss.requires_grad))
            return loss

        def step(self, optimizer: torch.optim.Optimizer) -> None:
            seen.append(("step", optimizer is optimiser))
            optimizer.step()

        def update(self) -> None:
            seen.append(("update", True))

    def criterion(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        seen.append(("dtype", output.dtype is torch.float32))
        return nn.functional.cross_entropy(output, target)

    train_classify.train_one_epoch(net, criterion, optimiser, batches(6), "cpu", Scaler())
    assert seen == [("dtype", True), ("scale", True), ("step", True), ("update", True)]
    assert net[0].weight.grad is not None


def in_a_group() -> None:
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    print(train_classify.use_dist(), train_classify.on_master())
    results = train_classify.evaluate(nn.Linear(4, 7), nn.CrossEntropyLoss(), batches(3, 4), "cpu")
    print(len(results))


def test_processes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], alone: Callable[..., str]
) -> None:
    assert (train_classify.use_dist(), train_classify.on_master()) == (False, True)
    lines = alone(in_a_group).splitlines()
    assert (lines[0], lines[-1]) == ("True True", "3")
    capsys.readouterr()
    monkeypatch.setattr(builtins, "print", print)
    train_classify.setup_for_distributed(False)
    print("silent")
    print("loud", force=True)
    assert capsys.readouterr().out == "loud\n"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("clock_driven.model.train_imagenet", "main"),
        ("activation_based.model.train_imagenet_example", "SResNetTrainer"),
        ("activation_based.model.train_classify", "Trainer"),
        ("activation_based.model.tv_ref_classify.presets", "ClassificationPresetTrain"),
        ("activation_based.model.tv_ref_classify.transforms", "RandomMixup"),
        ("activation_based.model.tv_ref_classify.sampler", "RASampler"),
        ("activation_based.model.tv_ref_classify.utils", "accuracy"),
    ],
)
def test_training_programs_import_and_say_what_to_use(path: str, name: str) -> None:
    module = importlib.import_module(f"unisnn.spikingjelly.{path}")
    with pytest.raises(absent.AbsentError, match=rf"{name} is absent from unisnn: a .*torchvision"):
        getattr(module, name)()
