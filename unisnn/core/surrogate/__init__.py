"""Surrogate gradient families, each in the exact order of operations that upstream uses."""

from unisnn.core.surrogate._family import FAMILIES, Family, family, register
from unisnn.core.surrogate.tensor_alpha import (
    ATAN_TENSOR_ALPHA,
    BACK_EI_GATE,
    GATE,
    QUADRATIC_GATE,
    RELU_LIKE,
    ROUND_WINDOW,
    SIGMOID_TENSOR_ALPHA,
    SIGMOID_VECTOR_ALPHA,
    STDP,
    STRAIGHT_THROUGH,
)

__all__ = [
    "ATAN_TENSOR_ALPHA",
    "BACK_EI_GATE",
    "FAMILIES",
    "GATE",
    "QUADRATIC_GATE",
    "RELU_LIKE",
    "ROUND_WINDOW",
    "SIGMOID_TENSOR_ALPHA",
    "SIGMOID_VECTOR_ALPHA",
    "STDP",
    "STRAIGHT_THROUGH",
    "Family",
    "family",
    "register",
]
