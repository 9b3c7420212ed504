"""The error pages: what they say was said by a run that they show, or has a source."""

from __future__ import annotations

import re
from collections.abc import Iterator

from greenlit import Mistake
from greenlit.census.rules import rule
from greenlit.census.survey import Survey, says
from greenlit.error_index import ErrorPage
from greenlit.site import archive, generated, verbs
from greenlit.snippet import Snippet


@rule
def every_error_page_is_complete(survey: Survey) -> Iterator[str]:
    for path in sorted(survey.project.error_pages.glob("*.md")):
        try:
            error = ErrorPage.load(survey.project, path)
        except Mistake as mistake:
            yield str(mistake)
            continue
        yield from error.problems() if error else ()


@rule
def every_error_page_shows_its_pair(survey: Survey) -> Iterator[str]:
    """Its cause, its fix, and where an assertion shows the harm, the twin: no traceback leads the doctor there."""
    for error in survey.error_pages:
        where = survey.project.shown(error.path)
        placed = survey.placed[error.path]
        if ("error", error.slug) not in [(one.verb, one.target) for one in placed]:
            yield f"{where}:1: does not show its cause: place '@error {error.slug}' below the title"
        if error.fix and ("fix", error.fix) not in [(one.verb, one.target) for one in placed]:
            yield f"{where}:1: names {error.fix} as its fix and does not show it: place '@fix {error.fix}'"
        for fix, twin in survey.pairs:
            if (
                fix.name == error.fix
                and twin.breaks_by_value
                and twin.name not in {one.name for one in placed}
            ):
                yield (
                    f"{where}:1: names {error.fix} as its fix and does not show what it heals: "
                    f"place '@snippet {twin.name}#...', or name the fix of a twin that is on the page"
                )


@rule
def every_error_page_says_what_a_run_said(survey: Survey) -> Iterator[str]:
    for error in survey.error_pages:
        where, said = survey.project.shown(error.path), _said_on(survey, error)
        for words in error.says:
            if not says(words, said):
                yield (
                    f"{where}:1: says {words!r}, and no run on the page does: "
                    "correct it, or list it under 'reported:' and name its source on the page"
                )
        if error.code and not re.search(rf"sqlalche\.me/e/\d+/{re.escape(error.code)}\b", said):
            yield (
                f"{where}:1: no run on the page names SQLAlchemy's code {error.code!r}: "
                "take it from the link at the end of a captured message"
            )


@rule
def what_no_run_said_has_a_source(survey: Survey) -> Iterator[str]:
    """A message under `reported:` or `common:` that was not captured here was read somewhere: the page links it."""
    for error in survey.error_pages:
        said = _said_on(survey, error) if error.common else ""
        unheard = [*error.reported, *(words for words in error.common if not says(words, said))]
        if unheard and not re.search(r"\]\(https?://", survey.pages[error.path]):
            yield (
                f"{survey.project.shown(error.path)}:1: says {unheard[0]!r}, which no run on the page does, "
                "and links no source: link the thread or the page where it was read"
            )


def _said_on(survey: Survey, error: ErrorPage) -> str:
    """What the runs on the page said, and those of the twins of its snippets."""
    names = {placement.name for placement in survey.placed[error.path] if placement.verb in verbs.SHOW_A_RUN}
    shown: dict[str, Snippet] = {snippet.name: snippet for snippet in survey.sound if snippet.name in names}
    shown |= {twin.name: twin for fix, twin in survey.pairs if fix.name in names}
    return "\n".join(survey.said(snippet) for snippet in shown.values())


@rule
def every_generated_file_is_of_the_pages(survey: Survey) -> Iterator[str]:
    try:
        stale = generated.stale(survey.project)
    except Mistake:
        return  # Said by the first rule.
    for path in stale:
        yield f"{survey.project.shown(path)}:1: is not what its sources make it: run 'make catalogue'"
    if not archive.is_current(survey.project):
        path = archive.place(survey.project)
        yield f"{survey.project.shown(path)}:1: is not what its sources make it: run 'make catalogue'"
