"""Process-wide settings, read where they are used.

Assign to a name to change it: ``configure.save_datasets_compressed = False``. The settings of CUDA
kernels are kept so that scripts which assign them run; unisnn compiles no kernels and reads none of them.
"""

from __future__ import annotations

__all__ = [
    "cuda_compiler_backend",
    "cuda_compiler_options",
    "cuda_threads",
    "max_threads_number_for_datasets_preprocess",
    "save_bool_spike_level",
    "save_datasets_compressed",
    "save_spike_as_bool_in_neuron_kernel",
]

max_threads_number_for_datasets_preprocess = 16
"""How many threads may turn recordings into frames at once."""

cuda_threads = 512
"""Threads a block of upstream's CUDA kernels; unisnn reads it nowhere."""

cuda_compiler_options = ("-use_fast_math",)
"""Options of upstream's CUDA compiler; unisnn reads them nowhere."""

cuda_compiler_backend = "nvrtc"
"""Upstream's CUDA compiler; unisnn reads it nowhere."""

save_datasets_compressed = True
"""Whether frames are written with ``numpy.savez_compressed`` (or else ``numpy.savez``)."""

save_spike_as_bool_in_neuron_kernel = False
"""Whether upstream's CUDA kernels keep spikes as ``bool``; unisnn reads it nowhere."""

save_bool_spike_level = 0
"""How upstream's ``spike_op`` packs spikes that it keeps for the backward pass: 0 as ``bool``, 1 as bits."""
