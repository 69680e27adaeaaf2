"""Argument checks: every message names the argument, the value and what is accepted.

Upstream libraries check arguments with bare ``assert`` statements. The exception type is kept
(``AssertionError``) because published code catches it; the message is what upstream leaves out.
"""

from __future__ import annotations

from collections.abc import Collection

__all__ = ["require", "require_choice", "require_type"]


def require(condition: bool, owner: str, argument: str, value: object, accepted: str) -> None:
    """Raise ``AssertionError`` unless ``condition`` holds.

    The message reads ``owner: argument=value is not accepted; expected accepted``.
    """
    if not condition:
        raise AssertionError(f"{owner}: {argument}={value!r} is not accepted; expected {accepted}")


def require_type(
    value: object, types: type | tuple[type, ...], owner: str, argument: str, accepted: str
) -> None:
    """Raise ``AssertionError`` unless ``value`` is an instance of ``types``."""
    require(isinstance(value, types), owner, argument, value, accepted)


def require_choice(value: object, choices: Collection[object], owner: str, argument: str) -> None:
    """Raise ``ValueError`` unless ``value`` is one of ``choices``."""
    if value not in choices:
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{owner}: {argument}={value!r} is not accepted; expected one of {listed}")
