"""Record goldens of an edition from its oracle: ``python tools/record_goldens.py EDITION NAME COUNT``.

A seeded sample of COUNT generated cases (no symbol left out) runs on the genuine side alone; cases and
outputs go to ``unisnn/parity/goldens/NAME.json`` and ``.npz``, which stand in where the oracle cannot be had.
"""

from __future__ import annotations

import sys
from pathlib import Path

from unisnn.parity import oracle, process
from unisnn.parity.cases import all_cases, sample_cases
from unisnn.parity.editions import edition
from unisnn.parity.goldens.writer import Writer

FOLDER = Path(__file__).resolve().parents[1] / "unisnn" / "parity" / "goldens"


def main(name: str, file: str, count: int) -> None:
    """Record ``count`` cases of the edition ``name`` in the golden file ``file``."""
    short = edition(name).short
    drawn = sample_cases(all_cases([name]), count, seed=1)
    named = [case.with_(id=case.id.replace(name, f"{short}-recorded", 1)) for case in drawn]
    oracle.install(name, print)
    (outputs,), environment = process.run_worker(name, True, [{"patch": None, "cases": named}])
    writer = Writer()
    for case, out in zip(named, outputs, strict=True):
        record = {
            "case": case.to_dict(),
            "outputs": {key: writer.put(tensor) for key, tensor in out.tensors.items()},
            "facts": out.facts,
            "failures": {key: [list(each.types), each.message] for key, each in out.failures.items()},
        }
        writer.add(record)
    writer.save(FOLDER / file, {"edition": name, "torch": environment["torch"]})
    print(f"{len(named)} cases in {FOLDER / file}.json")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
