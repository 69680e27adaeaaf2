"""PLIF-Net on event frames, one time step a call: learnable time constants, dropout kept over time, voting.

python plif_net.py --out run.npz
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, event_frames, set_seed
from spikingjelly.clock_driven import functional, layer, neuron, surrogate


class VotingLayer(nn.Module):
    def __init__(self, voter_num: int):
        super().__init__()
        self.voting = nn.AvgPool1d(voter_num, voter_num)

    def forward(self, x: torch.Tensor):
        return self.voting(x.unsqueeze(1)).squeeze(1)


class PLIFNet(nn.Module):
    def __init__(self, channels: int, classes: int, init_tau: float):
        super().__init__()

        def plif():
            return neuron.ParametricLIFNode(
                init_tau=init_tau, v_threshold=0.5, surrogate_function=surrogate.ATan(), detach_reset=True
            )

        conv = []
        for number in range(2):
            conv += [
                nn.Conv2d(2 if number == 0 else channels, channels, kernel_size=3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                plif(),
                nn.MaxPool2d(2, 2),
            ]
        self.conv = nn.Sequential(*conv)
        self.fc = nn.Sequential(
            nn.Flatten(),
            layer.Dropout(0.5),
            nn.Linear(channels * 4 * 4, 64, bias=False),
            plif(),
            layer.Dropout(0.5),
            nn.Linear(64, classes * 10, bias=False),
            plif(),
        )
        self.boost = VotingLayer(10)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.kaiming_normal_(m.weight)

    def forward(self, x: torch.Tensor):
        x = x.permute(1, 0, 2, 3, 4)  # [N, T, C, H, W] -> [T, N, C, H, W]
        out_spikes = self.boost(self.fc(self.conv(x[0])))
        for t in range(1, x.shape[0]):
            out_spikes += self.boost(self.fc(self.conv(x[t])))
        return out_spikes / x.shape[0]


def main():
    args = arguments("PLIF-Net on synthetic event frames", tau=2.0, T=5)
    set_seed(args.seed)
    net = PLIFNet(channels=6, classes=6, init_tau=args.tau)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    data, record = event_frames(8, args.T, 16, 6, seed=args.seed), Record()
    net.train()
    for _ in range(args.steps):
        frame, label = next(data)
        optimizer.zero_grad()
        loss = F.mse_loss(net(frame), F.one_hot(label, 6).float())
        loss.backward()
        optimizer.step()
        functional.reset_net(net)
        record.loss(loss)
    taus = [1.0 / module.w.sigmoid().item() for module in net.modules() if hasattr(module, "w")]
    record.arrays["tau"] = torch.tensor(taus).numpy()
    record.save(args.out, net)


if __name__ == "__main__":
    main()
