from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator

import pytest

from greenlit import Mistake
from greenlit.proof.database import Stage, postgres

SERVER = "GREENLIT_SERVER"
"""Tells the workers of pytest-xdist where the server is that their controller has started."""

_open = contextlib.ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record", action="store_true", help="write down what snippets do instead of comparing it"
    )


def pytest_configure(config: pytest.Config) -> None:
    if SERVER not in os.environ:
        try:
            os.environ[SERVER] = _open.enter_context(postgres())
        except Mistake as mistake:
            pytest.exit(str(mistake), returncode=2)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        terminalreporter.write_line(
            "nothing matches: ONLY takes part of a name, such as expiry/read_after_commit"
        )


def pytest_unconfigure() -> None:
    _open.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with contextlib.closing(Stage(os.environ[SERVER], tmp_path_factory.mktemp("sqlite"))) as stage:
        gc.collect()
        gc.freeze()  # Every run ends with a collection: only what it made itself is to be searched.
        yield stage
