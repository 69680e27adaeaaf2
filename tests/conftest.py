"""What every folder of tests may use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_PROGRAM = """
import json, os, sys
name, function, arguments = sys.argv[1:]
sys.path.insert(0, os.path.dirname(name))
module = __import__(os.path.basename(name).removesuffix(".py"))
getattr(module, function)(*json.loads(arguments))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture
def alone() -> Callable[..., str]:
    """Return a caller of a test module's function, in a process of its own, that returns what it prints.

    The process ends without taking anything down. torch's gloo groups need that: the thread that drops one
    holds Python's lock and waits for a thread of the group, which may wait for Python's lock.
    """

    def call(function: Callable[..., object], *arguments: Any) -> str:
        name = sys.modules[function.__module__].__file__
        assert name is not None
        command = [sys.executable, "-c", _PROGRAM, name, function.__name__, json.dumps(arguments)]
        root = Path(__file__).resolve().parents[1]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return call
