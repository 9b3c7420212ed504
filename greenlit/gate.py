"""Which snippets do in a browser what they do elsewhere? `python -m greenlit.gate` writes the list, `… check` holds it,
and `… errors/lost_update/claims` runs one that has changed.

Each candidate is run by Python on this machine, as its reader would, and in Chromium by what the site serves: what it
prints must be the same, line by line, and so must its end. That it is also what the ledger says, `make test` holds of
the first run, and this of the second. `BROWSER=firefox python -m greenlit.gate check` holds the list in Firefox.
"""

from __future__ import annotations

import ast
import contextlib
import math
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from greenlit import alone
from greenlit.normalise import normalise
from greenlit.playground.agreed import Seen, listing, read, text, without_a_ledger
from greenlit.playground.agreed import agreed as known
from greenlit.playground.place import place
from greenlit.project import HERE, Project
from greenlit.proof.apart import STEM, Lost, apart, stem
from greenlit.proof.elsewhere import Deeds, plain, watched
from greenlit.proof.run import Case, Ending
from greenlit.record import Record, digest, write_whole
from greenlit.site import browsers
from greenlit.site.canary import Quiet, serving
from greenlit.snippet import Snippet
from greenlit.unmarked import unmarked

DRIVER = "aiosqlite"
PACKAGES = {"sqlalchemy", "aiosqlite", "asyncpg", "psycopg", "greenlet", "typing-extensions"}
"""What a candidate may ask for: the other drivers are not imported on SQLite."""
CLOCKS = re.compile(r"perf_counter|process_time|monotonic|\.time\(\)")
"""What a file shows that reads one depends on the machine."""
NOT_THERE = {"subprocess", "multiprocessing"}
TRIES = 3
SLOWEST = 3
"""Seconds: what takes longer here takes too long on a reader's phone, or on a busy machine."""
MODULES = {"sqlalchemy", "aiosqlite", "greenlet", "typing_extensions"}
PAGE = """<!doctype html><title>gate</title><link rel=icon href=data:,><script type=module>
import { Runner } from "./assets/playground/runner.mjs";
const runner = (window.runner = new Runner(new URL("assets/playground/", location)));
window.judged = async (source, name) => {
    const printed = [];
    const ending = await runner.run(source, name, (kind, text) => kind === "out" && printed.push(text));
    return { ...ending, printed: printed.join("") };
};
runner.start().then(() => (window.started = true), (error) => (window.started = String(error)));
</script>"""


def candidates(project: Project) -> list[str]:
    """The snippets that need nothing but SQLAlchemy and SQLite."""
    return [snippet.name for snippet in project.all() if _is_candidate(snippet)]


def _is_candidate(snippet: Snippet) -> bool:
    if snippet.needs or DRIVER not in snippet.drivers or alone.needs_postgresql(snippet):
        return False
    if not {need.package for need in snippet.requirements} <= PACKAGES or CLOCKS.search(snippet.source):
        return False
    return _imported(ast.parse(snippet.source)) <= (MODULES | sys.stdlib_module_names) - NOT_THERE


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def elsewhere(snippet: Snippet) -> tuple[Ending, Deeds]:
    """What Python on this machine does with it, in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="greenlit-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / snippet.path.name
        file.write_text(unmarked(snippet.source))
        ending, ledger = apart(partial(watched, Case(snippet, DRIVER, "", file, {})))
        return ending, plain(ledger, f"{folder}/")


def disagreement(snippet: Snippet, here: Ending, seen: dict[str, Any]) -> str:
    """How a run in the browser differs from one elsewhere, and from what is recorded; nothing if it does not."""
    name = snippet.shown_path
    if "error" not in seen:
        return f"{name}: in the browser it has no end: {', '.join(seen)}"
    if here.error != seen["error"]:
        return (
            f"{name}: ends with {seen['error'] or 'no error'} in the browser, and with {here.error or 'none'}"
        )
    text = normalise(seen["text"].replace("/run/", ""), "raised")
    recorded = Record.of(snippet).find(DRIVER)
    said = recorded.raised if recorded and "unrecorded" not in snippet.declarations else None
    if text != (said or normalise(here.text, "raised", file=None)):
        return f"{name}: its error in the browser says {text!r}, and the record {said or here.text!r}"
    printed = seen["printed"].splitlines()
    if printed != here.said:
        at = next(
            (i for i, pair in enumerate(zip(printed, here.said, strict=False)) if pair[0] != pair[1]), -1
        )
        return f"{name}: prints otherwise in the browser: {printed[at:][:1]} for {here.said[at:][:1]}"
    return ""


@contextlib.contextmanager
def prepared(project: Project, folder: Path, handler: type[Quiet] = Quiet) -> Iterator[str]:
    """The address of a page that runs files."""
    place(project, folder)
    (folder / "gate.html").write_text(PAGE)
    with serving(folder, handler) as url:
        yield f"{url}gate.html"


def start(page: Page, url: str) -> None:
    """Wait until the page has Python in its worker."""
    page.goto(url)
    page.wait_for_function("() => window.started", polling=100, timeout=180_000)
    started = page.evaluate("window.started")
    if started is not True:
        raise AssertionError(started)


def there(page: Page, source: str, name: str) -> dict[str, Any]:
    """What the browser does with the text of a file."""
    return dict(page.evaluate("([source, name]) => judged(source, name)", [source, name]))


@dataclass(frozen=True)
class Verdict:
    name: str
    why: str
    """How its runs differ; empty if they agree."""
    ledger: bool
    """Whether each line did the same."""


def judge(project: Project, names: Iterable[str], page: Page, longest: float = math.inf) -> Iterator[Verdict]:
    """The browser and this machine work at the same time."""
    snippets = [project.snippet(name) for name in names]
    with ThreadPoolExecutor(1) as beside:
        for snippet, known in zip(snippets, beside.map(_elsewhere, snippets), strict=True):
            verdict = _verdict(snippet, known, page, longest)
            for _ in range(TRIES - 1):  # The machine may have been busy.
                if verdict.why or not verdict.ledger:
                    verdict = _verdict(snippet, _elsewhere(snippet), page, longest)
            yield verdict


def _verdict(snippet: Snippet, known: tuple[Ending, Deeds] | str, page: Page, longest: float) -> Verdict:
    seen = there(page, unmarked(snippet.source), snippet.path.name)
    if isinstance(known, str):
        return Verdict(snippet.name, known, False)
    if seen.get("seconds", 0) >= longest:
        seen = {"takes too long": True}
    ending, ledger = known
    same = plain(seen.get("ledger", []), "/run/") == ledger
    return Verdict(snippet.name, disagreement(snippet, ending, seen), same)


def _elsewhere(snippet: Snippet) -> tuple[Ending, Deeds] | str:
    try:
        return elsewhere(snippet)
    except Lost as lost:
        return f"{snippet.shown_path}: on this machine it {lost}"


def differences(project: Project, names: Iterable[str], page: Page) -> list[str]:
    """Of files that are in the list: what is not as it says."""
    return [
        verdict.why or f"{verdict.name}: its ledger differs"
        for verdict in judge(project, names, page)
        if verdict.why or not (verdict.ledger or verdict.name in without_a_ledger())
    ]


def main() -> None:
    check = sys.argv[1:] == ["check"]
    names = sorted(known()) if check else sys.argv[1:] or candidates(HERE)
    seen = {name: one for name, one in read(listing(HERE)).items() if sys.argv[1:] and name not in names}
    with contextlib.ExitStack() as open_:
        os.environ[STEM] = open_.enter_context(stem())
        url = open_.enter_context(prepared(HERE, Path(open_.enter_context(tempfile.TemporaryDirectory()))))
        playwright = open_.enter_context(browsers.driver())
        page = open_.enter_context(browsers.launched(playwright)).new_page()
        start(page, url)
        if check:
            page.evaluate("runner.longest = 60_000")  # A busy machine is slow.
            sys.exit("\n".join(differences(HERE, names, page)) or 0)
        for verdict in judge(HERE, names, page, SLOWEST):
            print(
                verdict.why or f"{verdict.name}: agrees{'' if verdict.ledger else ', but for its ledger'}",
                flush=True,
            )
            if not verdict.why:
                seen[verdict.name] = Seen(digest(HERE.snippet(verdict.name)), verdict.ledger)
    found = [seen[name] for name in names if name in seen]
    print(f"{len(found)} of {len(names)} agree, {sum(one.ledger for one in found)} of them in their ledgers")
    if browsers.BROWSER == "chromium":  # Most readers have it; Firefox only has to say the same.
        write_whole(listing(HERE), text(seen))


if __name__ == "__main__":
    main()
