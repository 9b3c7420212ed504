"""Could Zensical, the successor of Material for MkDocs, take over today? `make canary`

It builds the same pages with both, compares the list of pages and the text of every article, and does in Zensical's
site what a reader does. What is known not to work there is listed: a change, for better or worse, is reported.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, expect

from greenlit.playground import fetch
from greenlit.project import HERE
from greenlit.site import after
from greenlit.site.browsers import driver, launched, missing


class Article(HTMLParser):
    """The words of a page's article, without what the two themes add around it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self._depth = self._skipped = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag == "article"
        self._skipped += (
            tag in ("script", "style", "svg", "nav", "button") or dict(attrs).get("class") == "headerlink"
        )

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "article"
        if self._skipped:
            self._skipped -= tag in ("script", "style", "svg", "nav", "button", "a")

    def handle_data(self, data: str) -> None:
        if self._depth and not self._skipped:
            self.words += data.split()


def main() -> None:
    fetch.provide(HERE)
    with tempfile.TemporaryDirectory() as folder:
        with_mkdocs, with_zensical = Path(folder) / "site", Path(folder) / "successor"
        _build("mkdocs", "build", "--strict", "--site-dir", str(with_mkdocs), cwd=HERE.root)
        successor(with_zensical)
        after.finish(HERE, with_mkdocs)
        differences = _compare(with_mkdocs, with_zensical) + _try_out(with_zensical)
    pages = len(HERE.pages())
    print(
        "\n".join(differences)
        or f"Zensical builds the same {pages} pages, word for word; expected losses: {', '.join(LOST) or 'none'}"
    )
    sys.exit(1 if differences else 0)


def successor(site: Path) -> None:
    """The site as Zensical builds it. The browser tests run on it too: `BUILDER=zensical make test ONLY=tests/site`."""
    with tempfile.TemporaryDirectory() as folder:
        # Zensical writes into the folder of its configuration.
        copy = Path(folder) / "copy"
        HERE.copy(copy)
        _build("zensical", "build", "--strict", cwd=copy)
        shutil.move(copy / "site", site)
    after.finish(HERE, site)


def _build(tool: str, *arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", tool, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
        sys.exit(f"{tool} does not build the site:\n{said[-4000:]}")


def _compare(ours: Path, theirs: Path) -> list[str]:
    pages = {path.relative_to(ours) for path in ours.rglob("index.html")}
    found = {path.relative_to(theirs) for path in theirs.rglob("index.html")}
    problems = [f"{page}: only one of the two builds it" for page in sorted(pages ^ found)]
    for page in sorted(pages & found):
        here, there = (Article((site / page).read_text()).words for site in (ours, theirs))
        if here != there:
            at = next(
                (i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b),
                min(len(here), len(there)),
            )
            problems.append(
                f"{page}: MkDocs says '… {' '.join(here[at : at + 8])} …', Zensical '… {' '.join(there[at : at + 8])} …'"
            )
    return problems


LOST: dict[str, str] = {}
"""What does not work in Zensical's site, and why."""

OTHERWISE = {
    "test_assets.py::test_weight": "Zensical's own scripts and styles are heavier: 112 kB instead of 90 with everything",
    "test_accessible.py::test_by_keyboard_alone_each_stop_can_be_seen": "its search box shows its focus by the caret alone",
    "test_doctor.py::test_the_doctor_answers_what_is_pasted": "its dialog is a second status on each page",
    "test_doctor.py::test_the_doctor_admits_what_it_does_not_know": "its dialog is a second status on each page",
    "test_checks.py::test_a_planted_fault_is_reported[role that is none]": "its labels of functions are too pale",
    "test_checks.py::test_a_planted_fault_is_reported[button of no name]": "its labels of functions are too pale",
    "test_robust.py::test_without_scripts_the_page_says_what_needs_them": "it leaves an address that begins with a slash as it is",
    "test_search.py::test_on_a_phone_the_second_result_is_on_the_screen_and_all_can_be_read": "its search is laid out otherwise",
    "test_firefox.py::test_the_doctor_answers_what_is_pasted": "its dialog is a second status on each page",
    "test_pages.py::test_page[reference/": "its labels of functions are too pale",
}
"""Browser tests that fail on Zensical's site, by how their names begin, and what of the theme it is."""


def _search(page: Page) -> None:
    page.locator("label.md-header__button[for=__search]:visible, .md-search__input:visible").first.click()
    page.locator(".md-search__input").press_sequentially("StaleDataError")
    page.locator("a[href*='errors/stale_data']:visible").first.wait_for()


def _doctor(page: Page) -> None:
    page.get_by_role("textbox", name="Paste your traceback").fill(
        "sqlalchemy.exc.MissingGreenlet: greenlet_spawn"
    )
    page.locator(".gl-diagnoses a").first.wait_for()


def _calculator(page: Page) -> None:
    answer = page.locator(".gl-calculator dl")
    expect(answer).to_contain_text("8 processes")
    page.get_by_label("Workers per machine").fill("1")
    expect(answer).to_contain_text("2 processes")


USES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "search": ("reference/", _search),
    "doctor": ("doctor/", _doctor),
    "calculator": ("guides/pool/sizing/", _calculator),
}


def _try_out(site: Path) -> list[str]:
    if lacking := missing("chromium"):
        return [lacking]
    problems = []
    expect.set_options(timeout=30_000)
    with serving(site) as url, driver() as playwright, launched(playwright, "chromium") as browser:
        for name, (path, use) in USES.items():
            page = browser.new_page()
            page.set_default_timeout(10_000 if name in LOST else 30_000)
            page.goto(url + path)
            try:
                use(page)
            except (TimeoutError, AssertionError) as error:
                if name not in LOST:
                    problems.append(
                        f"{name}: no longer works in Zensical's site: {str(error).splitlines()[0]}"
                    )
            else:
                if name in LOST:
                    problems.append(
                        f"{name}: works in Zensical's site again: take it out of LOST in canary.py"
                    )
    return problems


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving(folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """The address at which a folder is served."""
    here = functools.partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), here) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


if __name__ == "__main__":
    main()
