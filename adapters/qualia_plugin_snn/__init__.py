"""``import qualia_plugin_snn`` served by unisnn: the very same modules as ``unisnn.qualia_plugin_snn``."""

from unisnn.dropin import claim

claim(__name__)
