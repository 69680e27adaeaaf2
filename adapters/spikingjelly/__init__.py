"""``import spikingjelly`` served by unisnn: the very same modules as ``unisnn.spikingjelly``."""

from unisnn.dropin import claim

claim(__name__)
