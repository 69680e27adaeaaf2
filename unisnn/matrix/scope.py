"""What the matrix covers: the editions, and of each the modules that unisnn mirrors.

An edition's inventory comes from its oracle (introspection in the oracle's own subprocess) or,
for the two editions that no index serves, from its reference documents (data files that are
written once and never regenerated).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["NOTES", "SCOPES", "Scope", "editions_document"]


@dataclass(frozen=True)
class Scope:
    """One edition in the matrix.

    ``edition`` is the name that parity reports use; ``root`` the upstream import root and
    ``namespace`` its twin; ``modules`` the dotted paths below both; ``source`` is ``"oracle"`` or
    ``"documents"``; ``unmirrored`` the reason why names of this edition may be missing in the
    namespace without a marker (``""``: they may not).
    """

    edition: str
    library: str
    root: str
    namespace: str
    modules: tuple[str, ...]
    source: str = "oracle"
    unmirrored: str = ""

    @property
    def version(self) -> str:
        """The version that :mod:`unisnn.core.edition` selects for this edition."""
        return self.edition.replace("==", "@").replace("-git", "@git").partition("@")[2]


_SPIKINGJELLY = tuple(
    f"activation_based.{name}" for name in ("base", "functional", "layer", "neuron", "surrogate")
)
_CLOCK_DRIVEN = (
    "clock_driven.ann2snn",
    "clock_driven.ann2snn.converter",
    "clock_driven.ann2snn.modules",
    "clock_driven.ann2snn.utils",
    "clock_driven.base",
    "clock_driven.cu_kernel_opt",
    "clock_driven.encoding",
    "clock_driven.functional",
    "clock_driven.lava_exchange",
    "clock_driven.layer",
    "clock_driven.model.parametric_lif_net",
    "clock_driven.model.sew_resnet",
    "clock_driven.model.spiking_resnet",
    "clock_driven.model.spiking_vgg",
    "clock_driven.model.train_classify",
    "clock_driven.model.train_imagenet",
    "clock_driven.monitor",
    "clock_driven.neuron",
    "clock_driven.neuron_kernel",
    "clock_driven.rnn",
    "clock_driven.spike_op",
    "clock_driven.surrogate",
    "clock_driven.tensor_cache",
)
_CONVERSION = (
    "activation_based.ann2snn",
    "activation_based.ann2snn.converter",
    "activation_based.ann2snn.modules",
    "activation_based.ann2snn.utils",
)
_MODELS_AND_LEARNING = (
    "activation_based.encoding",
    "activation_based.learning",
    "activation_based.model.parametric_lif_net",
    "activation_based.model.sew_resnet",
    "activation_based.model.spiking_resnet",
    "activation_based.model.spiking_vgg",
    "activation_based.model.tv_ref_classify.sampler",
    "activation_based.model.tv_ref_classify.utils",
    "activation_based.monitor",
    "activation_based.quantize",
    "activation_based.rnn",
)
_HARDWARE = (
    "activation_based.auto_cuda.base",
    "activation_based.auto_cuda.cfunction",
    "activation_based.auto_cuda.generator",
    "activation_based.auto_cuda.neuron_kernel",
    "activation_based.cuda_utils",
    "activation_based.lava_exchange",
    "activation_based.lynxi_exchange",
    "activation_based.neuron_kernel",
    "activation_based.spike_op",
    "activation_based.tensor_cache",
)
_DATASETS = (
    "configure",
    "datasets",
    "datasets.asl_dvs",
    "datasets.cifar10_dvs",
    "datasets.dvs128_gesture",
    "datasets.es_imagenet",
    "datasets.hardvs",
    "datasets.n_caltech101",
    "datasets.n_mnist",
    "datasets.nav_gesture",
    "datasets.shd",
    "datasets.speechcommands",
    "datasets.to_x_rep",
    "visualizing",
)
_EARLIER_DATASETS = (
    *(name for name in _DATASETS if name not in ("datasets.hardvs", "datasets.shd", "datasets.to_x_rep")),
    "datasets.utils",
)
_EVENTS = ("event_driven.encoding", "event_driven.neuron")
_TIMES = ("timing_based.encoding", "timing_based.neuron")
_EXTENSION = ("cext", "cext.functional", "cext.layer")
_SNNGROW = (
    "base.neuron.BaseNode",
    "base.neuron.IFNode",
    "base.neuron.LIFNode",
    "base.surrogate.ATan",
    "base.surrogate.BaseFunction",
    "base.surrogate.Sigmoid",
    "base.utils",
)

SCOPES: tuple[Scope, ...] = (
    Scope(
        "spikingjelly@3756e2f8",
        "spikingjelly",
        "spikingjelly",
        "unisnn.spikingjelly",
        ("activation_based.surrogate",),
        source="documents",
    ),
    Scope(
        "spikingjelly==0.0.0.0.14",
        "spikingjelly",
        "spikingjelly",
        "unisnn.spikingjelly",
        (
            *_SPIKINGJELLY,
            *_MODELS_AND_LEARNING,
            *_HARDWARE,
            *_CONVERSION,
            *_CLOCK_DRIVEN,
            *_DATASETS,
            *_TIMES,
            *_EVENTS,
            *_EXTENSION,
        ),
    ),
    Scope(
        "spikingjelly==0.0.0.0.12",
        "spikingjelly",
        "spikingjelly",
        "unisnn.spikingjelly",
        (*_CLOCK_DRIVEN, *_EARLIER_DATASETS, *_EVENTS, *_EXTENSION, "cext.neuron"),
    ),
    Scope(
        "spikingjelly==2.0.0",
        "spikingjelly",
        "spikingjelly",
        "unisnn.spikingjelly",
        _SPIKINGJELLY,
        unmirrored="new in edition 2.0.0; unisnn.spikingjelly follows the 0.0.0.0.14 line",
    ),
    Scope(
        "braincog==0.2.7.19",
        "braincog",
        "braincog",
        "unisnn.braincog",
        ("base.node.node", "base.strategy.LateralInhibition", "base.strategy.surrogate"),
    ),
    Scope("snngrow==0.1.1a1", "snngrow", "snngrow", "unisnn.snngrow", _SNNGROW),
    Scope(
        "snngrow-git",
        "snngrow",
        "snngrow",
        "unisnn.snngrow",
        (*_SNNGROW[:6], "base.spiketensor", "base.utils"),
        source="documents",
    ),
    Scope(
        "qualia-plugin-snn==2.6.0",
        "qualia_plugin_snn",
        "qualia_plugin_snn",
        "unisnn.qualia_plugin_snn",
        ("learningmodel.pytorch.layers.CustomNode",),
    ),
)
"""Every edition in the matrix, the documented edition of a library first."""


_CUDA = "times a CUDA device, which the oracles do not have"
_DOWNLOAD = "upstream's needs requests, tqdm and a network; the tests compare bytes"
_TEXT = "the text is unisnn's, that of the surrogate's cuda_codes, which the tests compile and compare"
_TOOLS = {
    f"{module}.{name}": note
    for module, names, note in (
        ("clock_driven.cu_kernel_opt", ("cal_fun_t", "cuda_timer"), _CUDA),
        ("clock_driven.ann2snn.utils", ("download_url",), _DOWNLOAD),
        ("activation_based.ann2snn.utils", ("download_url",), _DOWNLOAD),
        (
            "activation_based.auto_cuda.cfunction",
            (
                "atan_backward",
                "fake_numerical_gradient_backward",
                "leaky_k_relu_backward",
                "log_tailed_relu_backward",
                "piecewise_leaky_relu_backward",
                "q_pseudo_spike_backward",
                "s2nn_backward",
                "sigmoid_backward",
            ),
            _TEXT,
        ),
    )
    for name in names
}
NOTES: dict[tuple[str, str], str] = {
    **{("spikingjelly==0.0.0.0.14", name): note for name, note in _TOOLS.items()},
    **{
        ("spikingjelly==0.0.0.0.12", name): note
        for name, note in _TOOLS.items()
        if name.startswith("clock_driven.")
    },
    (
        "snngrow-git",
        "base.spiketensor.SpikeTensor",
    ): "upstream's operations crash or threshold their result anew, so there is nothing to compare with; "
    "unisnn's are compared with dense tensors by its tests",
    (
        "spikingjelly==0.0.0.0.14",
        "activation_based.surrogate.check_cuda_grad",
    ): "compares with a CUDA device, which the oracles do not have",
    (
        "spikingjelly==0.0.0.0.14",
        "clock_driven.surrogate.check_cuda_grad",
    ): "compares with a CUDA device, which the oracles do not have",
    (
        "spikingjelly==0.0.0.0.12",
        "clock_driven.surrogate.check_cuda_grad",
    ): "compares with a CUDA device, which the oracles do not have",
    (
        "spikingjelly@3756e2f8",
        "activation_based.surrogate.check_cuda_grad",
    ): "compares with a CUDA device, which the oracles do not have",
    **{
        (
            edition,
            f"cext{name}",
        ): "upstream needs its compiled CUDA extension or a CUDA device; unisnn gives the "
        "documented product of dense matrices, which its tests compare with torch"
        for edition in ("spikingjelly==0.0.0.0.14", "spikingjelly==0.0.0.0.12")
        for name in (
            ".cal_fun_t",
            ".functional.sparse_mm_dense",
            ".functional.sparse_mm_dense_atf",
            ".layer.SparseLinear",
        )
    },
}
"""Why a name has no parity case, where there is more to say than that."""


def editions_document(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``compat_matrix/editions.json`` as data: what is covered, and by how many cases."""
    told = report.get("summary", {}).get("editions", {})
    return {
        scope.edition: {
            "library": scope.library,
            "namespace": scope.namespace,
            "inventory": "introspection of the oracle" if scope.source == "oracle" else "reference documents",
            "modules": list(scope.modules),
            "cases": told.get(scope.edition, {}).get("cases", 0),
        }
        for scope in SCOPES
    }
