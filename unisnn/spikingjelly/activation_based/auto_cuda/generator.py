"""CUDA text from the graph of a function: the names import, and raise on use."""

from __future__ import annotations

from unisnn.core import absent as _absent

__all__: list[str] = []

_REASON = (
    "it writes the text of CUDA kernels for cupy; "
    "the neurons and surrogates of unisnn run on any device without it"
)

__getattr__ = _absent.serve(
    __name__,
    {
        "VarNode": _REASON,
        "analyse_graph": _REASON,
        "gen_backward_codes": _REASON,
        "gen_forward_codes": _REASON,
        "hash_str": _REASON,
    },
)
