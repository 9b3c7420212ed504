"""What must be true of the files, whatever they do when run: nothing unshown, unresolved, undeclared.

A module for each subject, and in it one rule for each sentence that must be true; each has a test in
`tests/proof_of_proof/` that sees it fail. `python -m greenlit.census` prints what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from greenlit.census import claims, errors, fakes, files, metadata, pages, practice, records, twins
from greenlit.census.rules import RULES
from greenlit.census.survey import Survey
from greenlit.project import Project

__all__ = [
    "RULES",
    "Survey",
    "claims",
    "errors",
    "fakes",
    "files",
    "metadata",
    "pages",
    "practice",
    "problems",
    "records",
    "twins",
]


def problems(project: Project) -> Iterator[str]:
    survey = Survey(project)
    for check in RULES.values():
        yield from check(survey)
