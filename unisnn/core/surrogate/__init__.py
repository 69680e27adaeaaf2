"""Surrogate gradient families, each in the exact order of operations that upstream uses."""

from unisnn.core.surrogate._family import FAMILIES, Family, family, register

__all__ = ["FAMILIES", "Family", "family", "register"]
