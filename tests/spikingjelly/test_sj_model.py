"""Networks: trees, weights, step modes, what is refused, and weights from torchvision's files."""

from __future__ import annotations

import subprocess
import sys
import types
from typing import Any

import pytest
import torch
from torch import nn

from unisnn.core import absent
from unisnn.spikingjelly.activation_based import functional, layer, neuron, surrogate
from unisnn.spikingjelly.activation_based.model import (
    parametric_lif_net,
    sew_resnet,
    spiking_resnet,
    spiking_vgg,
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
IF = {"spiking_neuron": neuron.IFNode, "surrogate_function": surrogate.ATan(), "detach_reset": True}


def small(net: type = sew_resnet.SEWResNet, **kwargs: Any) -> nn.Module:
    module = sew_resnet if net is sew_resnet.SEWResNet else spiking_resnet
    more = {"cnf": "ADD"} if module is sew_resnet else {}
    torch.manual_seed(0)
    return net(module.BasicBlock, [1, 1, 1, 1], **{"num_classes": 3, **more, **IF, **kwargs})


@pytest.mark.parametrize("name", SIZES)
def test_every_network_has_the_size_of_the_one_without_spikes(name: str) -> None:
    with torch.device("meta"):
        if name.startswith("vgg"):
            nets = [getattr(spiking_vgg, f"spiking_{name}")(**IF)]
        else:
            nets = [getattr(spiking_resnet, f"spiking_{name}")(**IF)]
            nets.append(getattr(sew_resnet, f"sew_{name}")(cnf="ADD", **IF))
    for net in nets:
        assert sum(parameter.numel() for parameter in net.parameters()) == SIZES[name]


@pytest.mark.parametrize(
    ("name", "shape", "classes"),
    [
        ("MNISTNet", (1, 28, 28), 10),
        ("FashionMNISTNet", (1, 28, 28), 10),
        ("NMNISTNet", (2, 34, 34), 10),
        ("CIFAR10Net", (3, 32, 32), 10),
        ("CIFAR10DVSNet", (2, 128, 128), 10),
        ("DVSGestureNet", (2, 128, 128), 11),
    ],
)
def test_parametric_lif_nets(name: str, shape: tuple[int, ...], classes: int) -> None:
    net = getattr(parametric_lif_net, name)(
        channels=2, spiking_neuron=neuron.ParametricLIFNode, init_tau=2.0, surrogate_function=surrogate.ATan()
    ).eval()
    x = torch.rand(2, 1, *shape)
    each = torch.stack([net(step) for step in x])
    functional.reset_net(net)
    functional.set_step_mode(net, "m")
    assert torch.equal(net(x), each)
    assert each.shape == (2, 1, classes)


def test_each_neuron_has_its_own_arguments() -> None:
    given = surrogate.ATan()
    net = small(surrogate_function=given)
    found = [part.surrogate_function for part in net.modules() if isinstance(part, neuron.IFNode)]
    assert len(found) == 1 + 4 * 2 + 3
    assert len({id(each) for each in [given, *found]}) == len(found) + 1
    assert all(part.detach_reset for part in net.modules() if isinstance(part, neuron.IFNode))


@pytest.mark.parametrize("net", [sew_resnet.SEWResNet, spiking_resnet.SpikingResNet])
def test_residual_networks_train_in_both_step_modes(net: type) -> None:
    made = small(net)
    x = torch.rand(2, 2, 3, 32, 32)
    made.train()
    functional.set_step_mode(made, "m")
    y = made(x)
    assert y.shape == (2, 2, 3)
    y.sum().backward()
    assert all(parameter.grad is not None for parameter in made.parameters())
    functional.reset_net(made)
    functional.set_step_mode(made, "s")
    assert made(x[0]).shape == (2, 3)


def test_initial_weights() -> None:
    net = small(spiking_resnet.SpikingResNet, zero_init_residual=True)
    assert float(net.conv1.weight.detach().std()) == pytest.approx((2 / (64 * 49)) ** 0.5, rel=0.05)
    for block in (net.layer1[0], net.layer3[0]):
        assert bool((block.bn1.weight == 1).all())
        assert bool((block.bn2.weight == 0).all())
    with torch.device("meta"):
        plain = spiking_vgg.SpikingVGG([4, 512], **IF)
    assert isinstance(plain.features[1], neuron.IFNode)


def test_joining_functions() -> None:
    x, y = torch.tensor([0.0, 1, 0, 1]), torch.tensor([0.0, 0, 1, 1])
    assert sew_resnet.sew_function(x, y, "ADD").tolist() == [0, 1, 1, 2]
    assert sew_resnet.sew_function(x, y, "AND").tolist() == [0, 0, 0, 1]
    assert sew_resnet.sew_function(x, y, "IAND").tolist() == [0, 1, 0, 0]
    with pytest.raises(NotImplementedError, match=r"cnf=.OR. .*, .AND. or .IAND."):
        sew_resnet.sew_function(x, y, "OR")


def test_dilation_replaces_the_stride() -> None:
    with torch.device("meta"):
        net = spiking_resnet.SpikingResNet(
            spiking_resnet.Bottleneck, [1, 1, 2, 1], replace_stride_with_dilation=[False, True, True], **IF
        )
    assert [part.conv2.dilation for part in net.layer3] == [(1, 1), (2, 2)]
    assert (net.layer4[0].conv2.stride, net.layer4[0].conv2.dilation) == ((1, 1), (2, 2))
    assert net.dilation == 4


def test_refusals_name_the_argument() -> None:
    with pytest.raises(TypeError, match="MNISTNet: spiking_neuron=None"):
        parametric_lif_net.MNISTNet()
    with pytest.raises(TypeError, match="spiking_neuron=3"):
        spiking_vgg.spiking_vgg11(spiking_neuron=3)
    with pytest.raises(ValueError, match="groups=2"):
        small(groups=2)
    with pytest.raises(ValueError, match="three booleans"):
        small(replace_stride_with_dilation=[True])
    with pytest.raises(NotImplementedError, match="dilation=2"):
        small(replace_stride_with_dilation=[True, False, False])
    with pytest.raises(TypeError, match="foo"):
        small(foo=1)
    with pytest.raises(absent.AbsentError):
        parametric_lif_net.test_models()


def test_pretrained_weights_are_torchvisions(monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.device("meta"):
        keys = dict(sew_resnet.sew_resnet18(cnf="ADD", **IF).state_dict().items())
    weights = {name: torch.zeros(value.shape, dtype=value.dtype) for name, value in keys.items()}
    asked = []

    def download(url: str, progress: bool, check_hash: bool, weights_only: bool) -> dict[str, torch.Tensor]:
        asked.append((url, progress, check_hash, weights_only))
        return weights

    monkeypatch.setitem(sys.modules, "torchvision.models", None)
    with pytest.raises(RuntimeError, match="install torchvision, or pass pretrained=False"):
        sew_resnet.sew_resnet18(pretrained=True, cnf="ADD", **IF)
    entry = {"IMAGENET1K_V1": types.SimpleNamespace(url="resnet18.pth")}
    models = types.SimpleNamespace(get_model_weights={"resnet18": entry}.__getitem__)
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", download)
    net = sew_resnet.sew_resnet18(pretrained=True, progress=False, cnf="ADD", **IF)
    assert asked == [("resnet18.pth", False, True, True)]
    assert "resnet18" in sew_resnet.model_urls
    assert "resnet19" not in sew_resnet.model_urls
    assert float(net.fc.weight.detach().abs().sum()) == 0

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("no network")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)
    with pytest.raises(RuntimeError, match="pass pretrained=False"):
        spiking_resnet.spiking_resnet18(pretrained=True, **IF)


def test_sequential_forward_folds_time_for_all_but_neurons() -> None:
    chain = nn.Sequential(nn.Conv2d(1, 2, 3), neuron.IFNode(step_mode="m"), layer.Flatten())
    x = torch.rand(3, 2, 1, 5, 5)
    expected = chain[1](functional.seq_to_ann_forward(x, chain[0])).flatten(2)
    functional.reset_net(chain)
    assert torch.equal(spiking_vgg.sequential_forward(chain, x), expected)


def test_import_needs_no_torchvision() -> None:
    code = (
        "import sys; from unisnn.spikingjelly.activation_based.model import sew_resnet, spiking_vgg; "
        "print('torchvision' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
