"""``unisnn`` and ``python -m unisnn``: the command line.

The commands need click and rich, which ``import unisnn`` does not; without them the program says which
extra brings them.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line with ``sys.argv`` and exit with its status.

    Exits with 1 and a message where the command line's own requirements are not installed.
    """
    try:
        from unisnn.cli import unisnn
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        sys.exit(
            f"unisnn: the command line needs {error.name}, which is not installed: pip install 'unisnn[cli]'"
        )
    unisnn(prog_name="unisnn")


if __name__ == "__main__":
    main()
