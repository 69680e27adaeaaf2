"""A pytest plugin that serves upstream import names to a project's own test-suite.

::

    pytest -p unisnn.dropin.pytest --dropin spikingjelly==0.0.0.0.14
    pytest -p unisnn.dropin.pytest --dropin braincog --dropin snngrow -n 4

The names are served before the first ``conftest.py`` is imported, in the workers of pytest-xdist too, and no
longer when pytest ends. Without ``--dropin`` the plugin does nothing.
"""

from __future__ import annotations

import os

import pytest

from unisnn import dropin

__all__ = [
    "pytest_addoption",
    "pytest_configure",
    "pytest_load_initial_conftests",
    "pytest_report_header",
    "pytest_unconfigure",
]

_VARIABLE = "PYTEST_PLUGINS"
_served = pytest.StashKey[dict[str, str]]()
_environment = pytest.StashKey[str | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--dropin LIBRARY[==VERSION]``, which may be repeated."""
    parser.getgroup("unisnn").addoption(
        "--dropin",
        metavar="LIBRARY[==VERSION]",
        action="append",
        default=[],
        help="serve `import LIBRARY` from unisnn, with the numbers of VERSION; may be repeated",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Serve the names before any code of the project is imported."""
    _serve(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Serve the names where the plugin itself was loaded late, by a ``conftest.py``.

    pytest-xdist imports the plugins of ``-p`` into its workers after their conftest files; what the
    environment names is imported before.
    """
    _serve(config)
    if config.stash.get(_served, None) and _environment not in config.stash:
        config.stash[_environment] = before = os.environ.get(_VARIABLE)
        names = before.split(",") if before else []
        os.environ[_VARIABLE] = ",".join(dict.fromkeys([*names, __name__]))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop serving what this pytest run served, and leave the environment as it was."""
    for library in config.stash.get(_served, {}):
        dropin.uninstall(library)
    if _environment in config.stash:
        before = config.stash[_environment]
        if before is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = before


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Return one line for each served name."""
    return [
        f"unisnn: import {library} is unisnn.{library}, with the numbers of {library}=={version}"
        for library, version in config.stash.get(_served, {}).items()
    ]


def _serve(config: pytest.Config) -> None:
    if _served in config.stash:
        return
    served: dict[str, str] = {}
    config.stash[_served] = served
    before = dropin.active()
    for wanted in config.known_args_namespace.dropin:
        name, version = _parsed(wanted)
        try:
            dropin.install(name, version)
        except (ValueError, dropin.DropinError) as error:
            raise pytest.UsageError(f"--dropin {wanted}: {error}") from None
        active = dropin.active()
        served |= {library: active[library] for library in active.keys() - before.keys()}


def _parsed(wanted: str) -> tuple[str, str | None]:
    name, found, version = wanted.partition("==")
    if found and not version.strip():
        raise pytest.UsageError(f"--dropin {wanted}: no version after ==")
    return name.strip(), version.strip() or None
