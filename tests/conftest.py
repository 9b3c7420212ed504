from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Generator, Iterator
from typing import TypeVar

import pytest
from xdist.scheduler import LoadScopeScheduling

from greenlit import Mistake
from greenlit.proof.apart import STEM, stem
from greenlit.proof.database import Stage, postgres
from greenlit.proof.pace import verdict

SERVER = "GREENLIT_SERVER"
"""Tells the workers of pytest-xdist where the server is that their controller has started."""

REMARK = "remark"
"""The name under which a test tells the controller what is to be said at the end."""

SNIPPET, SITE, FIREFOX = "::test_snippet[", "tests/site/", "/test_firefox.py"

R = TypeVar("R", pytest.TestReport, pytest.CollectReport)

_open = contextlib.ExitStack()
_seconds: list[float] = []
"""How long each snippet took, in the order in which they ended."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="write down what snippets do instead of comparing it"
    )


def pytest_configure() -> None:
    try:
        for name, start in ((STEM, stem), (SERVER, postgres)):
            if name not in os.environ:
                os.environ[name] = _open.enter_context(start())
    except Mistake as mistake:
        pytest.exit(str(mistake), returncode=2)


def pytest_xdist_auto_num_workers() -> int:
    """Runs mostly wait: for a timeout, a lock, a server that starts."""
    return 3 * (os.cpu_count() or 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return Together(config, log)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """A worker takes all tests of a module, which share what they have started. The largest come first, and single
    runs of snippets fill what is left.
    """

    def _split_scope(self, nodeid: str) -> str:
        if SNIPPET in nodeid:
            return nodeid
        module: str = super()._split_scope(nodeid)
        # A browser is busy all the time, and takes as much memory as all else: one for each core, and one Firefox.
        browsers = os.cpu_count() or 1
        apart = module if module.endswith(FIREFOX) else nodeid
        return f"browser {zlib.crc32(apart.encode()) % browsers}" if module.startswith(SITE) else module


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _no_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _no_skip((yield))


def _no_skip(report: R) -> R:
    """At a desk a part may be missing; where the docs are proven, it may not."""
    if report.skipped and "CI" in os.environ:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped, and CI is set: install what it needs\n{report.longrepr}"
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and SNIPPET in report.nodeid:
        _seconds.append(report.duration)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not (hasattr(session.config, "workerinput") or verdict(_seconds)[1] or session.exitstatus):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        terminalreporter.write_line(
            "nothing matches: ONLY takes part of a name, such as expiry/read_after_commit"
        )
    remarks = [
        str(remark)
        for report in terminalreporter.getreports("passed")
        for name, remark in report.user_properties
        if name == REMARK
    ]
    for remark in [*remarks, verdict(_seconds)[0]]:
        if remark:
            terminalreporter.write_line(remark)


def pytest_unconfigure() -> None:
    _open.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    try:
        stage = Stage(os.environ[SERVER], tmp_path_factory.mktemp("sqlite"))
    except Mistake as mistake:
        pytest.fail(str(mistake), pytrace=False)
    with contextlib.closing(stage):
        yield stage
