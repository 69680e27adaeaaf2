"""Neurons of one's own: subclasses that override the charge, and a surrogate written as a plain function.

python custom_neuron.py --out run.npz --backend torch
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, images, set_seed
from spikingjelly.activation_based import base, functional, layer, neuron, surrogate


class ChannelDecayNode(neuron.BaseNode):
    """Every channel learns how much of its membrane potential it keeps."""

    def __init__(self, channels: int, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.keep = nn.Parameter(torch.linspace(-1.0, 1.0, channels).view(1, channels))

    def neuronal_charge(self, x: torch.Tensor):
        self.v = torch.sigmoid(self.keep) * self.v + x


class SaturatingLIFNode(neuron.LIFNode):
    """A LIF neuron whose input saturates, and which counts its own spikes."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_memory("count", 0.0)

    def neuronal_charge(self, x: torch.Tensor):
        self.v = self.v + (torch.tanh(x) * 2.0 - (self.v - self.v_reset)) / self.tau

    def neuronal_fire(self):
        spike = super().neuronal_fire()
        self.count = self.count + spike.detach().sum()
        return spike


class LeakyIntegrator(base.MemoryModule):
    """A read-out that never fires."""

    def __init__(self, decay: float):
        super().__init__()
        self.decay = decay
        self.register_memory("v", 0.0)

    def single_step_forward(self, x: torch.Tensor):
        self.v = self.decay * self.v + x
        return self.v


def main():
    args = arguments("Neurons of one's own", tau=2.0, T=5)
    set_seed(args.seed)
    hidden = SaturatingLIFNode(
        tau=args.tau, v_reset=0.0, surrogate_function=surrogate.Sigmoid(alpha=4.0), step_mode="m"
    )
    net = nn.Sequential(
        layer.Flatten(step_mode="m"),
        layer.Linear(64, 48, step_mode="m"),
        ChannelDecayNode(48, v_reset=None, surrogate_function=surrogate.ATan(), step_mode="m"),
        layer.Linear(48, 32, step_mode="m"),
        hidden,
        layer.Linear(32, 8, step_mode="m"),
        LeakyIntegrator(0.9),
    )
    functional.set_step_mode(net, "m")
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    data, record = images(16, 1, 8, 8, seed=args.seed), Record()
    counts = []
    for _ in range(args.steps):
        image, label = next(data)
        x_seq = torch.stack([image * (0.5 + 0.1 * t) for t in range(args.T)])
        loss = F.cross_entropy(net(x_seq).mean(0), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        counts.append(float(hidden.count))
        functional.reset_net(net)
        record.loss(loss)
    record.arrays["spikes"] = torch.tensor(counts).numpy()
    record.save(args.out, net)


if __name__ == "__main__":
    main()
