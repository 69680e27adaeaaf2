"""A spiking transformer: patch splitting, softmax-free attention on spikes, an MLP, residual connections.

python spiking_transformer.py --out run.npz --backend torch
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import Record, arguments, images, set_seed
from spikingjelly.clock_driven.functional import reset_net
from spikingjelly.clock_driven.neuron import MultiStepLIFNode


class Dense(nn.Module):
    """Linear, batch norm, spikes, on [T, B, N, C]."""

    def __init__(self, in_features: int, out_features: int, **lif):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)
        self.bn = nn.BatchNorm1d(out_features)
        self.lif = MultiStepLIFNode(detach_reset=True, **lif)

    def forward(self, x: torch.Tensor):
        T, B, N, _ = x.shape
        x = self.linear(x.flatten(0, 1))
        x = self.bn(x.transpose(-1, -2)).transpose(-1, -2).reshape(T, B, N, -1).contiguous()
        return self.lif(x)


class SpikingSelfAttention(nn.Module):
    def __init__(self, dim: int, num_heads: int, **lif):
        super().__init__()
        self.num_heads = num_heads
        self.scale = 0.25
        self.q, self.k, self.v = (Dense(dim, dim, **lif) for _ in range(3))
        self.attn_lif = MultiStepLIFNode(v_threshold=0.5, detach_reset=True, **lif)
        self.proj = Dense(dim, dim, **lif)

    def heads(self, x: torch.Tensor):
        T, B, N, C = x.shape
        return x.reshape(T, B, N, self.num_heads, C // self.num_heads).permute(0, 1, 3, 2, 4).contiguous()

    def forward(self, x: torch.Tensor):
        q, k, v = self.heads(self.q(x)), self.heads(self.k(x)), self.heads(self.v(x))
        x_attn = (q @ k.transpose(-2, -1)) * self.scale @ v
        return self.proj(self.attn_lif(x_attn.transpose(2, 3).flatten(3).contiguous()))


class Block(nn.Module):
    def __init__(self, dim: int, num_heads: int, mlp_ratio: int, **lif):
        super().__init__()
        self.attn = SpikingSelfAttention(dim, num_heads, **lif)
        self.mlp = nn.Sequential(Dense(dim, dim * mlp_ratio, **lif), Dense(dim * mlp_ratio, dim, **lif))

    def forward(self, x: torch.Tensor):
        x = x + self.attn(x)
        return x + self.mlp(x)


class SpikingPatchSplitting(nn.Module):
    def __init__(self, in_channels: int, dim: int, **lif):
        super().__init__()
        self.proj_conv = nn.Conv2d(in_channels, dim, kernel_size=3, stride=2, padding=1, bias=False)
        self.proj_bn = nn.BatchNorm2d(dim)
        self.proj_lif = MultiStepLIFNode(detach_reset=True, **lif)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)

    def forward(self, x: torch.Tensor):
        T, B = x.shape[:2]
        x = self.proj_bn(self.proj_conv(x.flatten(0, 1)))
        x = self.proj_lif(x.reshape(T, B, *x.shape[1:]).contiguous()).flatten(0, 1)
        x = self.maxpool(x)
        return x.flatten(-2).transpose(-1, -2).reshape(T, B, -1, x.shape[1]).contiguous()


class SpikingTransformer(nn.Module):
    def __init__(self, T: int, dim: int, depth: int, classes: int, **lif):
        super().__init__()
        self.T = T
        self.patch_embed = SpikingPatchSplitting(3, dim, **lif)
        self.block = nn.ModuleList([Block(dim, num_heads=4, mlp_ratio=2, **lif) for _ in range(depth)])
        self.head = nn.Linear(dim, classes)
        self.apply(self._init_weights)

    def _init_weights(self, m: nn.Module):
        if isinstance(m, nn.Linear):
            nn.init.trunc_normal_(m.weight, std=0.2)
            nn.init.constant_(m.bias, 0)

    def forward(self, x: torch.Tensor):
        x = x.unsqueeze(0).repeat(self.T, 1, 1, 1, 1)
        x = self.patch_embed(x)
        for blk in self.block:
            x = blk(x)
        return self.head(x.mean(2).mean(0))


def main():
    args = arguments("A spiking transformer on synthetic images", tau=2.0, T=4)
    set_seed(args.seed)
    model = SpikingTransformer(args.T, dim=32, depth=1, classes=10, tau=args.tau, backend=args.backend)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.06)
    data, record = images(8, 3, 16, 10, seed=args.seed), Record()
    model.train()
    for _ in range(args.steps):
        image, label = next(data)
        loss = F.cross_entropy(model(image), label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reset_net(model)
        record.loss(loss)
    record.save(args.out, model)


if __name__ == "__main__":
    main()
