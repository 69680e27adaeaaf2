"""The results as Markdown: what a run prints, its file with every row, and the page of the docs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks import tables, targets
from benchmarks.subjects import SIZES

__all__ = ["markdown", "page", "printed"]

_Result = Mapping[str, Any]

_HOW = (
    "A ratio is unisnn's time over upstream's: below 1, unisnn is faster. It is the median over the turns "
    "that both took in one run, in processes of their own; in brackets are the lowest and the highest turn. "
    "Times are CPU time on one thread where nothing else is said. `infer` is evaluation without gradients, "
    "`train` is forward and backward. Sizes, `[T, N, features]`: {sizes}. `auto` is what users run by "
    "default, timed where its choice depends on the size; `native` and `fused` are what it chooses from at "
    "the larger sizes, with the C library and without. `reference`, the loop over time steps, is timed for "
    "one neuron, LIF with ATan and hard reset."
)


def _how() -> str:
    sizes = ", ".join(f"`{name}` {'x'.join(map(str, shape))}" for name, shape in SIZES.items())
    return _HOW.format(sizes=sizes)


def _sections(result: _Result) -> list[tuple[str, str]]:
    rows = result.get("neurons", [])
    reached = f"{_TARGETS}\n\n{targets.neurons_table(rows)}\n\n{targets.others_table(result)}"
    parts = [("Targets", reached)]
    if rows:
        parts.append(("The slowest of all neurons, surrogates and resets", tables.summary(rows)))
    for edition in dict.fromkeys(row["edition"] for row in rows):
        mine = [row for row in rows if row["edition"] == edition]
        parts.append((f"Neuron by neuron, against {edition}", tables.by_neuron(mine)))
    if any(row.get("floor_ms") for row in rows):
        parts.append(("Memory, and the floor", f"{_LIMITS}\n\n{tables.limits(rows)}"))
    titles = {
        "networks": ("A training step of Conv-BN-LIF, pool, Conv-BN-LIF, Linear", tables.networks),
        "wall": ("All threads, time on the clock (LIF, ATan, hard reset)", tables.wall),
        "imports": (
            "Import, on top of `import torch`",
            lambda found: f"{_IMPORTS}\n\n{tables.imports(found)}",
        ),
        "others": (
            "What neurons of other libraries cost",
            lambda found: f"{_OTHERS}\n\n{tables.others(found)}",
        ),
    }
    for part, (title, draw) in titles.items():
        if result.get(part):
            parts.append((title, draw(result[part])))
    return parts


def _machine(result: _Result) -> str:
    machine = result["environment"]
    return (
        f"unisnn {machine['unisnn']}, torch {machine['torch']}, Python {machine['python']}, "
        f"{machine['cpus']} CPUs ({machine['machine']})."
    )


def printed(result: _Result) -> str:
    """Return every table but that of single rows."""
    sections = "\n\n".join(f"## {title}\n\n{text}" for title, text in _sections(result))
    return f"{_machine(result)} {_how()}\n\n{sections}\n"


def markdown(result: _Result) -> str:
    """Return every table."""
    rows = result.get("neurons")
    return printed(result) + (f"\n## Every row\n\n{tables.every(rows)}\n" if rows else "")


def page(result: _Result, plots: Mapping[str, str], source: str) -> str:
    """Return the page of the docs.

    Args:
        result: the results.
        plots: what each plot shows, by its file.
        source: where the results are, from the page.
    """
    runs = "\n".join(f"- `{run['command']}`: {run['seconds']} s" for run in result["runs"])
    pictures = "\n\n".join(f"![{text}]({file})" for file, text in plots.items())
    sections = _sections(result)
    if plots:
        sections.insert(2, ("How cost grows with T and N", f"{_GROWTH}\n\n{pictures}"))
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
    return (
        f"# Benchmarks\n\n{_INTRO.format(source=source)}\n\nThe runs:\n\n{runs}\n\n"
        f"{_machine(result)} {_how()}\n\n{body}\n"
    )


_INTRO = (
    "This page is written by `python -m benchmarks.docs` from [the file of a run]({source}), never by hand; "
    "a test compares the two. `make bench` measures anew, and `python -m benchmarks.docs build/bench` takes "
    "that run's results over."
)
_GROWTH = (
    "LIF with ATan and hard reset; CPU time of a call on one thread. The dashed line is a cost in "
    "proportion to the input: a curve that is steeper costs more per element the larger the input is."
)
_TARGETS = (
    "What was set out to be reached, beside the slowest of IF, LIF and PLIF, ATan and Sigmoid, hard and soft "
    "reset against SpikingJelly 2.0.0 in this run. `fused` is the default engine where there is no C library."
)
_IMPORTS = (
    "In new processes, with bytecode there. Of upstream only what the neurons need is imported: an empty "
    "module stands in for the rest, so its true cost is higher."
)
_OTHERS = (
    "They compute something else, so this compares costs, not the same work. They are timed where they can "
    "be imported, from a folder on `PYTHONPATH`, for example."
)
_LIMITS = (
    "The floor is the time of copies with the memory traffic that no kernel can avoid. Peak memory is how "
    "far one call, which starts without a state, raises what its process holds: outputs, gradients and all "
    "between. Each number is the highest of all neurons."
)
