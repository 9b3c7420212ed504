"""What the proof consists of, in one text file: a snippet that no longer runs, or a test that is gone, is a line in its diff.

    python -m greenlit.census.inventory              all of it: `make inventory`
    python -m greenlit.census.inventory --snippets   the snippets and error pages only: `make update`

What the runs did stands in the ledgers; here stands how much of it there is, and what is exempt from it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from greenlit import DRIVERS, Mistake
from greenlit.census.survey import Survey
from greenlit.claim import claims_of
from greenlit.error_index import ErrorPage
from greenlit.project import HERE
from greenlit.record import Run, write_whole
from greenlit.snippet import Snippet

PATH = HERE.root / "tests" / "inventory.txt"
HEAD = "What the proof consists of. `make update` and `make inventory` write it, `make test` holds it true.\n"
TESTS = "\n== tests, and the number of their cases\n"
PROOF = "tests/test_snippets.py::test_snippet"
EXEMPTIONS = ("drivers", "needs", "leaks", "unrecorded")


def of_snippets(survey: Survey) -> str:
    """The part that is known without collecting tests."""
    snippets = "".join(f"{_snippet(survey, snippet)}\n" for snippet in survey.sound)
    pages = "".join(f"{_error_page(page)}\n" for page in survey.error_pages)
    return f"{HEAD}\n== snippets\n{snippets}\n== error pages, and the number of their messages\n{pages}"


def of_tests(ids: Iterable[str]) -> str:
    """A line for each test function. The cases of `test_snippet` are the snippets above."""
    cases = Counter(re.sub(r"\[.*", "", name) for name in ids)
    lines = [
        name if name.endswith("::test_snippet") else f"{name} {count}"
        for name, count in sorted(cases.items())
    ]
    return TESTS + "\n".join(lines) + "\n"


def _snippet(survey: Survey, snippet: Snippet) -> str:
    runs = survey.record(snippet).runs
    sections = {name for run in runs for name in run.sections}
    ends = sorted({run.raised.split(":")[0].split("\n")[0] for run in runs if run.raised})
    facts = [
        "all" if snippet.drivers == list(DRIVERS) else " ".join(snippet.drivers),
        *snippet.releases,
        _claims(snippet, runs) or f"{len(sections)} recorded, {len(survey.printed(snippet))} printed",
        f"raises {', '.join(ends)}" if ends else "silent" if snippet.breaks else "ends well",
        *_exemptions(snippet),
    ]
    return f"{snippet.name}: {'; '.join(facts)}"


def _claims(snippet: Snippet, runs: list[Run]) -> str:
    claims = claims_of(snippet) if snippet.is_claims else []
    everywhere = [claim for claim in claims if all(claim.holds(run) for run in runs)]
    return f"{len(claims)} claims, {len(everywhere)} of them hold everywhere" if claims else ""


def _exemptions(snippet: Snippet) -> Iterator[str]:
    for key in EXEMPTIONS:
        if key in snippet.declarations:
            reason = (
                re.sub(r"^.*?\(|\)$", "", snippet.declarations[key])
                if key == "drivers"
                else snippet.declarations[key]
            )
            yield f"{key}: {textwrap.shorten(reason, 40, placeholder='...')}"


def _error_page(page: ErrorPage) -> str:
    return f"{page.slug}: {len(page.says)} captured, {len(page.reported)} reported, {len(page.common)} common"


def first_difference(known: str, found: str) -> str:
    """Nothing, or what is missing and what is new."""
    before, after = known.splitlines(), found.splitlines()
    gone = [f"- {line}" for line in before if line not in set(after)]
    new = [f"+ {line}" for line in after if line not in set(before)]
    return "\n".join([*gone, *new]) or ("" if known == found else "the order of its lines")


def _collected() -> list[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "--numprocesses=0"]
    done = subprocess.run(command, cwd=HERE.root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Mistake(f"the tests cannot be collected:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return [line for line in done.stdout.splitlines() if "::" in line]


def main() -> None:
    known = PATH.read_text() if PATH.is_file() else ""
    kept = TESTS + known.partition(TESTS)[2]
    try:
        tests = kept if "--snippets" in sys.argv else of_tests(_collected())
    except Mistake as mistake:
        sys.exit(str(mistake))
    write_whole(PATH, of_snippets(Survey(HERE)) + tests)


if __name__ == "__main__":
    main()
