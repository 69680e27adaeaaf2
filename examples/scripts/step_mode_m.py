"""A convolutional SNN for ``activation_based``: layers with a step mode, switched to ``'m'`` for the net.

python step_mode_m.py --out run.npz --backend torch
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, images, set_seed
from spikingjelly.activation_based import functional, layer, neuron, surrogate


class Net(nn.Module):
    def __init__(self, channels: int, classes: int, tau: float):
        super().__init__()
        self.layers = nn.Sequential(
            layer.Conv2d(1, channels, kernel_size=3, padding=1, bias=False),
            layer.BatchNorm2d(channels),
            neuron.IFNode(surrogate_function=surrogate.ATan()),
            layer.MaxPool2d(2, 2),
            layer.Conv2d(channels, channels, kernel_size=3, padding=1, bias=False),
            layer.BatchNorm2d(channels),
            neuron.LIFNode(
                tau=tau, decay_input=False, detach_reset=True, surrogate_function=surrogate.Sigmoid()
            ),
            layer.AvgPool2d(2, 2),
            layer.Flatten(),
            layer.Dropout(0.5),
            layer.Linear(channels * 4 * 4, 10 * classes, bias=False),
            neuron.ParametricLIFNode(init_tau=tau, v_reset=None, detach_reset=True),
            layer.VotingLayer(10),
        )
        functional.set_step_mode(self, step_mode="m")

    def forward(self, x: torch.Tensor):
        return self.layers(x)


def main():
    args = arguments("A net in step mode 'm'", tau=2.0, T=4)
    set_seed(args.seed)
    net = Net(channels=8, classes=10, tau=args.tau)
    functional.set_backend(net, args.backend, instance=neuron.LIFNode)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2, weight_decay=1e-3)
    data, record = images(16, 1, 16, 10, seed=args.seed), Record()
    for _ in range(args.steps):
        image, label = next(data)
        x_seq = image.unsqueeze(0).repeat(args.T, 1, 1, 1, 1)
        y_seq = net(x_seq)
        loss = functional.temporal_efficient_training_cross_entropy(y_seq, label)
        loss = loss + 0.1 * F.mse_loss(y_seq.mean(0), F.one_hot(label, 10).float())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        functional.reset_net(net)
        record.loss(loss)
    record.save(args.out, net)


if __name__ == "__main__":
    main()
