"""The CIFAR-10 ResNets of upstream's conversion examples; absent."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = "an example's network that the 0.0.0.0.14 wheel does not ship; a net of torch modules converts"

__getattr__ = _absent.serve(
    __name__,
    dict.fromkeys(("BasicBlock", "Bottleneck", "ResNet", "ResNet18"), _REASON),
)
