"""What each edition is: where its upstream comes from and what it needs to run here.

An edition is a library and a version whose behaviour unisnn reproduces. An *installable* edition
has a pip requirement and runs as an oracle in a subprocess of its own; a *recorded* edition is
served by no index and is represented by goldens (:mod:`unisnn.parity.goldens`).
This module is pure data: it imports neither torch nor any library.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field

__all__ = ["EDITIONS", "Edition", "edition", "match_editions"]


@dataclass(frozen=True)
class Edition:
    """An upstream library in one version, and how its oracle is set up.

    ``requirement`` is what pip installs, without dependencies (``None``: recorded goldens only);
    ``beside`` are the few packages that the compared modules really import; ``environment`` is set
    for the subprocess; ``root`` is the import root upstream and ``ours`` the one in unisnn;
    ``select`` is the ``(library, version)`` for :mod:`unisnn.core.edition`; ``bare_packages`` are
    parent packages whose ``__init__`` is not executed (it imports what the modules compared here do
    not need), ``stubs`` are modules replaced by empty stand-ins with the named attributes;
    ``oracles`` names further editions whose folders must be importable as well.
    """

    name: str
    short: str
    root: str
    ours: str
    select: tuple[str, str]
    requirement: str | None = None
    python: tuple[int, int] = (3, 10)
    beside: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    bare_packages: tuple[str, ...] = ()
    stubs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    licence: str = ""
    summary: str = ""

    @property
    def recorded(self) -> bool:
        """Whether the edition exists only as recorded goldens."""
        return self.requirement is None


_SPIKINGJELLY_STUBS: dict[str, tuple[str, ...]] = {
    "_C_gemm": (),
    "_C_neuron": (),
    "torchvision": ("transforms()",),
    "torchvision._internally_replaced_utils": ("load_state_dict_from_url()",),
    "torchvision.datasets": ("DatasetFolder()",),
    "torchvision.datasets.utils": ("download_url()", "extract_archive()", "verify_str_arg()"),
    "torchvision.transforms": (),
    "torchaudio": (),
    "torchaudio.datasets": (),
    "torchaudio.datasets.utils": ("download_url()", "extract_archive()"),
    "h5py": ("File()",),
    "matplotlib": ("pyplot()",),
    "matplotlib.pyplot": (),
    "rarfile": (),
    "scipy": (),
    "scipy.io": (),
    "requests": (),
    "tqdm": ("tqdm()",),
    "tensorboard": (),
    "torch.utils.tensorboard": ("SummaryWriter()",),
}

_ALL = (
    Edition(
        name="spikingjelly==0.0.0.0.14",
        short="sj14",
        root="spikingjelly",
        ours="unisnn.spikingjelly",
        select=("spikingjelly", "0.0.0.0.14"),
        requirement="spikingjelly==0.0.0.0.14",
        environment={"PYTORCH_JIT": "0", "MPLBACKEND": "Agg"},
        stubs=_SPIKINGJELLY_STUBS,
        licence="Mulan PSL v2 with additions",
        summary="the last release of the 0.0.0.0 line, TorchScript switched off",
    ),
    Edition(
        name="spikingjelly==0.0.0.0.12",
        short="sj12",
        root="spikingjelly",
        ours="unisnn.spikingjelly",
        select=("spikingjelly", "0.0.0.0.12"),
        requirement="spikingjelly==0.0.0.0.12",
        environment={"PYTORCH_JIT": "0", "MPLBACKEND": "Agg"},
        stubs=_SPIKINGJELLY_STUBS,
        licence="Mulan PSL v2 with additions",
        summary="the release before activation_based: clock_driven alone, TorchScript switched off",
    ),
    Edition(
        name="spikingjelly==2.0.0",
        short="sj2",
        root="spikingjelly",
        ours="unisnn.spikingjelly",
        select=("spikingjelly", "3756e2f8"),
        requirement="spikingjelly==2.0.0",
        python=(3, 11),
        beside=("loguru==0.7.3",),
        stubs={"torchvision": ()},
        licence="Mulan PSL v2 with additions",
        summary="the rewritten library, for the names it shares with the documented edition",
    ),
    Edition(
        name="braincog==0.2.7.19",
        short="bc",
        root="braincog",
        ours="unisnn.braincog",
        select=("braincog", "0.2.7.19"),
        requirement="braincog==0.2.7.19",
        beside=("einops==0.8.2",),
        bare_packages=(
            "braincog",
            "braincog.base",
            "braincog.base.node",
            "braincog.base.strategy",
            "braincog.base.connection",
            "braincog.base.encoder",
            "braincog.base.utils",
        ),
        stubs={"torchvision": ()},
        licence="Apache-2.0",
        summary="node, surrogate and lateral inhibition modules",
    ),
    Edition(
        name="snngrow==0.1.1a1",
        short="sg",
        root="snngrow",
        ours="unisnn.snngrow",
        select=("snngrow", "0.1.1a1"),
        requirement="snngrow==0.1.1a1",
        licence="Apache-2.0",
        summary="the released package, without spike_out",
    ),
    Edition(
        name="qualia-plugin-snn==2.6.0",
        short="qu",
        root="qualia_plugin_snn",
        ours="unisnn.qualia_plugin_snn",
        select=("qualia_plugin_snn", "2.6.0"),
        requirement="qualia-plugin-snn==2.6.0",
        oracles=("spikingjelly==0.0.0.0.14",),
        environment={"PYTORCH_JIT": "0"},
        bare_packages=(
            "qualia_plugin_snn",
            "qualia_plugin_snn.learningmodel",
            "qualia_plugin_snn.learningmodel.pytorch",
            "qualia_plugin_snn.learningmodel.pytorch.layers",
        ),
        stubs={
            "torchvision": (),
            "tensorboard": (),
            "qualia_core": (),
            "qualia_core.typing": ("TYPE_CHECKING",),
        },
        licence="AGPL-3.0-or-later (run as an oracle only)",
        summary="the CustomNode layers, with SpikingJelly 0.0.0.0.14 beneath",
    ),
    Edition(
        name="spikingjelly@3756e2f8",
        short="sjdoc",
        root="spikingjelly",
        ours="unisnn.spikingjelly",
        select=("spikingjelly", "3756e2f8"),
        licence="Mulan PSL v2 with additions",
        summary="the edition of the reference documents; recorded goldens",
    ),
    Edition(
        name="snngrow-git",
        short="sggit",
        root="snngrow",
        ours="unisnn.snngrow",
        select=("snngrow", "git"),
        licence="Apache-2.0",
        summary="the repository's head with spike_out; recorded goldens",
    ),
)

EDITIONS: dict[str, Edition] = {entry.name: entry for entry in _ALL}
"""Every edition by name, in the order in which reports list them."""


def edition(name: str) -> Edition:
    """Return the edition called ``name``.

    Raises:
        ValueError: the name is not in :data:`EDITIONS`; the message lists the accepted ones.
    """
    if name not in EDITIONS:
        raise ValueError(f"edition: name={name!r} is not known; expected one of {', '.join(EDITIONS)}")
    return EDITIONS[name]


def match_editions(patterns: list[str] | tuple[str, ...] | None) -> list[Edition]:
    """Return the editions that ``patterns`` name, in report order; all of them for ``None`` or ``[]``.

    A pattern is an exact name, a short name, a library name (``spikingjelly``) or a glob.

    Raises:
        ValueError: a pattern matches no edition.
    """
    if not patterns:
        return list(_ALL)
    chosen: set[str] = set()
    for pattern in patterns:
        wanted = pattern.strip()
        hits = {
            entry.name
            for entry in _ALL
            if wanted in (entry.name, entry.short, entry.root, entry.root.replace("_", "-"))
            or fnmatch.fnmatchcase(entry.name, wanted)
        }
        if not hits:
            raise ValueError(f"editions: {pattern!r} matches nothing; expected one of {', '.join(EDITIONS)}")
        chosen |= hits
    return [entry for entry in _ALL if entry.name in chosen]
