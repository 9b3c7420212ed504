"""Each snippet by itself: a sound file, with complete declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from greenlit import DRIVERS
from greenlit.alone import EMPTY, NEEDS
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.snippet import DECLARATION, Snippet, usual_lines

LEAST_REASON = 10
"""Characters. A reason is read by people, on the page of all exemptions."""


@rule
def every_file_is_sound(survey: Survey) -> Iterator[str]:
    """Markers pair, sections are not empty, the metadata can be read, the file is Python."""
    yield from filter(None, map(survey.fault, survey.snippets))


@rule
def every_declaration_is_known(survey: Survey) -> Iterator[str]:
    for snippet in survey.snippets:
        for number, line in enumerate(snippet.header, 1):
            word = re.match(r"# (?P<key>[a-z]+): ", line)
            if word and not DECLARATION.match(line):
                yield f"{snippet.shown_path}:{number}: there is no declaration '{word['key']}': see CONTRIBUTING.md"


@rule
def every_declaration_is_complete(survey: Survey) -> Iterator[str]:
    for snippet in survey.snippets:
        yield from _drivers(snippet)
        if snippet.needs not in ("", EMPTY) and (
            snippet.needs not in NEEDS or "aiosqlite" in snippet.drivers
        ):
            yield f"{snippet.shown_path}:1: '# needs: {snippet.needs}': there are {', '.join(NEEDS)}, for PostgreSQL's drivers"
        for release in snippet.releases:
            if not re.fullmatch(r"[a-z0-9-]+==\d+(\.\d+)*\.\*", release):
                yield f"{snippet.shown_path}:1: '# also: {release}': write it like fastapi==0.117.*"
        for release in snippet.without[0]:
            if release not in usual_lines(survey.project.root) or len(snippet.without[1]) < LEAST_REASON:
                yield (
                    f"{snippet.shown_path}:1: '# without: {release}': name a release line of the project "
                    "(pyproject.toml), and end with '(why it cannot run there)'"
                )
        for key in ("silent", "leaks", "unrecorded"):
            if len(snippet.declarations.get(key, "x" * LEAST_REASON)) < LEAST_REASON:
                yield f"{snippet.shown_path}:1: '# {key}:' without a reason: say in words what happens, and why"


def _drivers(snippet: Snippet) -> Iterator[str]:
    if "drivers" not in snippet.declarations:
        return
    unknown = [name for name in snippet.drivers if name not in DRIVERS]
    if unknown:
        yield f"{snippet.shown_path}:1: unknown driver {unknown[0]}: there are {', '.join(DRIVERS)}"
    if not re.search(rf"\(.{{{LEAST_REASON},}}\)$", snippet.declarations["drivers"]):
        yield f"{snippet.shown_path}:1: '# drivers:' without a reason: end it with '(why not the others)'"


@rule
def what_is_not_recorded_is_still_held(survey: Survey) -> Iterator[str]:
    """Of an unrecorded run only output and end are compared. That a run ends well says something in a fix only."""
    for snippet in survey.sound:
        held = snippet.raises or snippet.twin or survey.printed(snippet)
        if "unrecorded" in snippet.declarations and not held:
            yield (
                f"{snippet.shown_path}:1: is '# unrecorded:' and prints nothing: nothing of it is held: "
                "print what its page says"
            )
