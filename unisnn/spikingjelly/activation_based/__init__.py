"""Modules of SpikingJelly's ``activation_based`` package, file for file."""

__all__: list[str] = []
