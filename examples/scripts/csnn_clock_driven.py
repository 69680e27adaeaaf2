"""A convolutional SNN as papers on static images wrote it for ``clock_driven``.

Multi-step LIF neurons ask for CuPy; stateless layers run over all time steps at once in a
``SeqToANNContainer``; the first convolution is applied once and its output repeated over time.

    python csnn_clock_driven.py --out run.npz --backend torch
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, images, set_seed
from spikingjelly.clock_driven import functional, layer, surrogate
from spikingjelly.clock_driven.neuron import MultiStepLIFNode


class CSNN(nn.Module):
    def __init__(self, T: int, channels: int, classes: int, tau: float, backend: str):
        super().__init__()
        self.T = T

        def lif():
            return MultiStepLIFNode(
                tau=tau,
                v_threshold=0.5,
                surrogate_function=surrogate.ATan(),
                detach_reset=True,
                backend=backend,
            )

        self.static_conv = nn.Sequential(
            nn.Conv2d(1, channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.conv = nn.Sequential(
            lif(),
            layer.SeqToANNContainer(nn.MaxPool2d(2, 2)),
            layer.SeqToANNContainer(
                nn.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
            ),
            lif(),
            layer.SeqToANNContainer(nn.MaxPool2d(2, 2), nn.Flatten()),
        )
        self.fc = nn.Sequential(
            layer.MultiStepDropout(0.2),
            layer.SeqToANNContainer(nn.Linear(channels * 4 * 4, 64, bias=False)),
            lif(),
            layer.SeqToANNContainer(nn.Linear(64, classes, bias=False), nn.BatchNorm1d(classes)),
            lif(),
        )

    def forward(self, x: torch.Tensor):
        x_seq = self.static_conv(x).unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        return self.fc(self.conv(x_seq)).mean(0)


def main():
    args = arguments("CSNN on synthetic images", tau=2.0, T=4)
    set_seed(args.seed)
    net = CSNN(args.T, channels=8, classes=10, tau=args.tau, backend=args.backend)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=args.steps)
    data, record = images(16, 1, 16, 10, seed=args.seed), Record()
    net.train()
    for _ in range(args.steps):
        image, label = next(data)
        optimizer.zero_grad()
        loss = F.mse_loss(net(image), F.one_hot(label, 10).float())
        loss.backward()
        optimizer.step()
        scheduler.step()
        functional.reset_net(net)
        record.loss(loss)
    net.eval()
    with torch.no_grad():
        image, label = next(data)
        record.arrays["eval"] = net(image).numpy()
        functional.reset_net(net)
    record.save(args.out, net)


if __name__ == "__main__":
    main()
