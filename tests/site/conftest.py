"""One build for all workers; one server and one browser for each."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Playwright, Route, expect

from greenlit.playground import fetch
from greenlit.project import HERE
from greenlit.site import browsers, canary
from greenlit.site.canary import Quiet, serving
from tests.site.visit import AS_PUBLISHED, DESKTOP, FORGET_SCHEME, PHONE, Site, Visit

ANYWHERE = "http://site.invalid/"
"""The address for which the site is built; each worker's copy has the address of the worker's own server."""

BUILDER = os.environ.get("BUILDER", "mkdocs")
"""Or `zensical`: see greenlit/site/canary.py."""

BUILT = os.environ.get("BUILT")
"""A folder with the site as it was built for that address, by whatever tool."""

expect.set_options(timeout=30_000)  # A busy machine is slow; what does not come at all, fails anyway.


Answer = Callable[[Route], Any]
NO_ANSWERS: Mapping[str, Answer] = {}


class Handler(Quiet):
    """To those who ask for it, it says what `_headers` tells a host to say."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=3600")
        if AS_PUBLISHED.items() <= dict(self.headers).items():
            for name, value in published_headers(Path(self.directory)).items():
                self.send_header(name, value)
        super().end_headers()


@functools.cache
def published_headers(folder: Path) -> dict[str, str]:
    rows = (line.split(": ", 1) for line in (folder / "_headers").read_text().splitlines() if ": " in line)
    return {name.strip(): value for name, value in rows}


def build(folder: Path) -> None:
    if BUILDER == "zensical":
        os.environ["SITE_URL"] = ANYWHERE
        return canary.successor(folder)
    done = subprocess.run(
        [sys.executable, "-m", "greenlit.site.build", str(folder)],
        cwd=HERE.root, env={**os.environ, "SITE_URL": ANYWHERE}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"the strict build failed:\n{done.stdout}{done.stderr}", pytrace=False)


def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built by the first worker that wants it; the others wait until it is there. Or `BUILT`."""
    if BUILT:
        return Path(BUILT)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        build(folder := tmp_path_factory.mktemp("built"))
        return folder
    folder = tmp_path_factory.getbasetemp().parent / "built"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            build(half := folder.with_suffix(".half"))
            half.rename(folder)
    return folder


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = shutil.copytree(built(tmp_path_factory), tmp_path_factory.mktemp("site") / "site")
    shutil.copy(AXE_FILE_PATH, folder)
    with serving(folder, Handler) as url:
        for path in folder.rglob("*"):
            if path.suffix in (".html", ".xml", ".json", ".md", ".txt"):
                path.write_text(path.read_text().replace(ANYWHERE, url))
        yield Site(folder, url)


# Not for the whole session: while Playwright runs, no other test of the worker can start an event loop.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with browsers.driver() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if missing := browsers.missing(browsers.BROWSER):
        pytest.skip(missing)
    with browsers.launched(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def fetched() -> None:
    """For tests of what runs snippets: it is no part of the project."""
    try:
        fetch.wheels(HERE)
        fetch.pyodide(HERE)
    except fetch.Unreachable as why:
        pytest.skip(f"the registries are not there: {why}")


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    with contextlib.ExitStack() as contexts:

        def visit(path: str, *, answers: Mapping[str, Answer] = NO_ANSWERS, **options: Any) -> Visit:
            context = contexts.enter_context(
                browser.new_context(**{"viewport": DESKTOP, "bypass_csp": True, **options})
            )
            # Before the page is there: on one that is, the browser still lets a few requests pass.
            for pattern, answer in answers.items():
                context.route(pattern, answer)
            return Visit(context, site).go(path, scripts=options.get("java_script_enabled", True))

        yield visit


@pytest.fixture(scope="package")
def leaf(browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    """Goes from page to page in one tab, dark on a phone: it remembers which looks have passed."""
    with browser.new_context(color_scheme="dark") as context:
        context.add_init_script(FORGET_SCHEME)
        tab = Visit(context, site)

        def leaf(path: str) -> Visit:
            tab.page.set_viewport_size(PHONE)
            return tab.go(path)

        yield leaf


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On Zensical's site, what is the theme's may fail."""
    if BUILDER == "zensical":
        for item in items:
            for begins, why in canary.OTHERWISE.items():
                if item.nodeid.startswith(f"tests/site/{begins}"):
                    item.add_marker(pytest.mark.xfail(reason=why, strict=False))
