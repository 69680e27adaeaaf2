"""The library-neutral core: pure functions over tensors; needs torch and numpy alone.

Modules
-------
surrogate     gradient families, each in its exact order of operations
spike         the spiking autograd function: fire rule, family, parameters, output type
neuron        charge, fire and reset equations as pure functions
spec          frozen, neutral descriptions of surrogates, neurons and layers
memory        the protocol of stateful modules: register, reset, detach, move, copy
scan          one step repeated over T steps
equivalence   do two descriptions give the same numbers: exact, close within a bound, or different by field
layout        time layouts: ``[T, N, *]``, ``[T*N, *]``, one call per step
spike_tensor  SpikeTensor: boolean payload, a byte or a bit a spike, float face
saved_spikes  spikes that wait for the backward pass as bits
sparse        linear layers of spikes that gather where that is quicker and its rounding accepted
edition       which upstream edition's numbers a namespace gives where editions differ
absent        the one marker for upstream names that unisnn does not provide
check         argument checks whose messages name the argument, the value and what is accepted
"""

__all__: list[str] = []
