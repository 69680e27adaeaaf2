"""``import snngrow`` served by unisnn: the very same modules as ``unisnn.snngrow``."""

from unisnn.dropin import claim

claim(__name__)
