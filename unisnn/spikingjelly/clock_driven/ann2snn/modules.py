"""What a converter puts into a network: the classes of ``activation_based``.

::

    hook:     scale = (1 - momentum)*scale + momentum*max(x)      x is passed on
    scaler:   y = x * scale
"""

from __future__ import annotations

from unisnn.spikingjelly.activation_based.ann2snn.modules import VoltageHook, VoltageScaler

__all__ = ["VoltageHook", "VoltageScaler"]
