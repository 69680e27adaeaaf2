"""Spike-element-wise residual blocks (SEW-ResNet), with multi-step neurons and the ADD, AND, IAND functions.

python sew_resnet.py --out run.npz --backend torch
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, images, set_seed
from spikingjelly.clock_driven import functional, layer, neuron, surrogate


def conv3x3(in_channels: int, out_channels: int, stride: int = 1):
    return layer.SeqToANNContainer(
        nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(out_channels),
    )


class SEWBlock(nn.Module):
    def __init__(
        self, in_channels: int, out_channels: int, connect_f: str, tau: float, backend: str, stride=1
    ):
        super().__init__()
        self.connect_f = connect_f
        self.conv1 = conv3x3(in_channels, out_channels, stride)
        self.sn1 = neuron.MultiStepIFNode(
            detach_reset=True, surrogate_function=surrogate.ATan(), backend=backend
        )
        self.conv2 = conv3x3(out_channels, out_channels)
        self.sn2 = neuron.MultiStepParametricLIFNode(
            init_tau=tau, detach_reset=True, surrogate_function=surrogate.ATan(), backend=backend
        )
        self.downsample = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                layer.SeqToANNContainer(
                    nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                    nn.BatchNorm2d(out_channels),
                ),
                neuron.MultiStepIFNode(
                    detach_reset=True, surrogate_function=surrogate.ATan(), backend=backend
                ),
            )

    def forward(self, x: torch.Tensor):
        out = self.sn2(self.conv2(self.sn1(self.conv1(x))))
        identity = x if self.downsample is None else self.downsample(x)
        if self.connect_f == "ADD":
            return out + identity
        if self.connect_f == "AND":
            return out * identity
        return identity * (1.0 - out)  # IAND


class SEWResNet(nn.Module):
    def __init__(self, T: int, channels: int, classes: int, tau: float, backend: str):
        super().__init__()
        self.T = T
        self.conv1 = nn.Conv2d(3, channels, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.sn1 = neuron.MultiStepIFNode(
            detach_reset=True, surrogate_function=surrogate.ATan(), backend=backend
        )
        self.layers = nn.Sequential(
            SEWBlock(channels, channels, "ADD", tau, backend),
            SEWBlock(channels, 2 * channels, "ADD", tau, backend, stride=2),
            SEWBlock(2 * channels, 2 * channels, "IAND", tau, backend),
        )
        self.avgpool = layer.SeqToANNContainer(nn.AdaptiveAvgPool2d((1, 1)))
        self.fc = nn.Linear(2 * channels, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor):
        x = self.bn1(self.conv1(x))
        x = x.unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        x = self.avgpool(self.layers(self.sn1(x)))
        return self.fc(torch.flatten(x, 2).mean(dim=0))


def main():
    args = arguments("SEW-ResNet on synthetic images", tau=2.0, T=4)
    set_seed(args.seed)
    net = SEWResNet(args.T, channels=8, classes=10, tau=args.tau, backend=args.backend)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.steps)
    data, record = images(8, 3, 12, 10, seed=args.seed), Record()
    net.train()
    for _ in range(args.steps):
        image, label = next(data)
        loss = F.cross_entropy(net(image), label, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        functional.reset_net(net)
        record.loss(loss)
    record.save(args.out, net)


if __name__ == "__main__":
    main()
