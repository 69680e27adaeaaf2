"""``import braincog`` served by unisnn: the very same modules as ``unisnn.braincog``."""

from unisnn.dropin import claim

claim(__name__)
