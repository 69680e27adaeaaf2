"""Train an ordinary CNN, convert it into a spiking one, and watch its accuracy over time steps.

python ann_to_snn.py --out run.npz
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, images, set_seed
from spikingjelly.activation_based import ann2snn, functional


class ANN(nn.Module):
    def __init__(self, classes: int):
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AvgPool2d(2, 2),
            nn.Conv2d(8, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AvgPool2d(2, 2),
            nn.Flatten(),
            nn.Linear(8 * 3 * 3, classes),
            nn.ReLU(),
        )

    def forward(self, x: torch.Tensor):
        return self.network(x)


def simulate(net: nn.Module, batches: list, T: int):
    """Return the mean output of the last batch and the share of right answers after each time step."""
    correct = torch.zeros(T)
    with torch.no_grad():
        for image, label in batches:
            out = 0.0
            for t in range(T):
                out = out + net(image)
                correct[t] += (out.argmax(1) == label).float().sum()
            functional.reset_net(net)
    return out / T, correct / sum(len(label) for _, label in batches)


def main():
    args = arguments("Conversion of a trained CNN", T=16)
    set_seed(args.seed)
    model = ANN(classes=6)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    data, record = images(24, 1, 12, 6, seed=args.seed), Record()
    model.train()
    for _ in range(args.steps):
        image, label = next(data)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(image), label)
        loss.backward()
        optimizer.step()
        record.loss(loss)
    calibration = [next(data) for _ in range(4)]
    test = [next(data) for _ in range(2)]
    model.eval()
    for mode in ("max", "99.9%", 0.5):
        snn = ann2snn.Converter(calibration, mode=mode)(model)
        mean, accuracy = simulate(snn, test, args.T)
        record.arrays[f"{mode}/mean"], record.arrays[f"{mode}/accuracy"] = mean.numpy(), accuracy.numpy()
        for name, value in snn.state_dict().items():
            record.arrays[f"{mode}/{name}"] = value.numpy()
        print(f"{mode}: accuracy {accuracy[0]:.2f} -> {accuracy[-1]:.2f}")
    record.save(args.out, model)


if __name__ == "__main__":
    main()
