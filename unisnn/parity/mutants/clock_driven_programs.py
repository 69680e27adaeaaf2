"""Wrong training programs: loss taken for accuracy, ranks that start at one, an option that is lost."""

from __future__ import annotations

import os
from typing import Any

from unisnn.parity.mutants import Mutant, add, patch
from unisnn.parity.mutants._swap import replaced

__all__: list[str] = []

_EDITIONS = "spikingjelly==0.0.0.0.1[24]"
_MODEL = "unisnn.spikingjelly.clock_driven.model"


@patch("clock_program/memory")
def _memory() -> Any:
    def make(before: Any) -> Any:
        def evaluate(model: Any, *args: Any) -> Any:
            model.train()
            return before(model, *args)[::-1]

        return evaluate

    return replaced(f"{_MODEL}.train_classify", "evaluate", make)


@patch("clock_program/rank")
def _rank() -> Any:
    def make(before: Any) -> Any:
        def init(args: Any, model: Any) -> Any:
            if "RANK" in os.environ:
                os.environ["RANK"] = str(int(os.environ["RANK"]) + 1)
            return before(args, model)

        return init

    return replaced(f"{_MODEL}.train_classify", "distributed_training_init", make)


@patch("clock_program/rate")
def _rate() -> Any:
    def make(before: Any) -> Any:
        def parse() -> Any:
            found = before()
            found.lr = 0.01
            return found

        return parse

    return replaced(f"{_MODEL}.train_imagenet", "parse_args", make)


for _name, _text, _case in (
    ("memory", "loss and accuracy change places", "*/train_eval_loop/*"),
    ("rank", "the first process has rank 1", "*/distributed_training_init/torchrun/float32"),
    ("rate", "the learning rate is not read", "*/parse_args/*"),
):
    _id = f"clock_program/{_name}"
    add(Mutant(_id, "clock_program", _EDITIONS, _text, case=_case, patch=_id))
