"""The ledgers: of what the headers ask for, on what the lock pins, and alike in all else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from greenlit import Mistake
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.playground import agreed
from greenlit.proof.releases import stale
from greenlit.record import Record, Run, digest, place
from greenlit.snippet import Snippet

UNPINNED = ("Python", "SQLite", "PostgreSQL")
"""What a run depends on and no lock pins: it must be the same in all ledgers."""


@rule
def every_ledger_can_be_read(survey: Survey) -> Iterator[str]:
    for snippet in survey.snippets:
        try:
            Record.of(snippet)
        except Mistake as mistake:
            yield str(mistake)


@rule
def every_record_is_of_the_lock(survey: Survey) -> Iterator[str]:
    """What a footer names is what the run was made on, and that is what the lock pins."""
    for snippet in survey.snippets:
        found = {driver: survey.record(snippet).find(driver) for driver in snippet.drivers}
        lacking = [driver for driver, run in found.items() if run is None]
        if lacking:
            yield f"{snippet.shown_ledger}:1: nothing is recorded on {', '.join(lacking)}: run 'make update'"
        for run in filter(None, found.values()):
            for name, version in run.proven.items():
                locked = survey.project.locked.get(name.lower(), version)
                if version != locked:
                    yield f"{_block(snippet, run)}: recorded on {name} {version}, the lock has {locked}: run 'make update'"


@rule
def every_release_line_is_recorded(survey: Survey) -> Iterator[str]:
    for snippet in survey.snippets:
        with suppress(Mistake):  # Said by the first rule.
            yield from stale(snippet)


@rule
def every_run_in_a_browser_was_of_this_file(survey: Survey) -> Iterator[str]:
    """The button to run a file is there because a browser was seen to run it. What has changed since was not seen."""
    listing = agreed.listing(survey.project)
    by_name = {snippet.name: snippet for snippet in survey.sound}
    for number, (name, seen) in enumerate(agreed.read(listing).items(), 1):
        if name not in by_name:
            yield f"{survey.project.shown(listing)}:{number}: there is no {name}: delete the line"
        elif seen.digest != digest(by_name[name]):
            yield (
                f"{survey.project.shown(listing)}:{number}: {name} has changed since a browser ran it: "
                f"run 'python -m greenlit.gate {name}'"
            )


@rule
def every_run_is_asked_for(survey: Survey) -> Iterator[str]:
    """A block that no run renews would stay as it is for ever, and its page would show it."""
    for snippet in survey.snippets:
        for run in survey.record(snippet).runs:
            if run.driver not in snippet.drivers or run.release not in ("", *snippet.releases):
                asked = f"'# also: {run.release}'" if run.release else f"'# drivers:' with {run.driver}"
                yield f"{_block(snippet, run)}: the header does not ask for it: declare {asked}, or delete the block"


@rule
def every_release_was_what_its_line_says(survey: Survey) -> Iterator[str]:
    """And all else that the file asks for was what the lock pins: one thing varies at a time."""
    for snippet in survey.sound:
        asked = {need.package for need in snippet.requirements}
        for run in survey.record(snippet).runs:
            package, _, line = run.release.partition("==")
            proven = {name.lower(): version for name, version in run.proven.items()}
            if run.release and not f"{proven.get(package, '')}.".startswith(line.removesuffix("*")):
                yield (
                    f"{_block(snippet, run)}: recorded on {package} {proven.get(package, '(not named)')}: "
                    "run 'make matrix'"
                )
            for name in (asked & proven.keys()) - {package} if run.release else ():
                if proven[name] != survey.project.locked.get(name):
                    yield (
                        f"{_block(snippet, run)}: recorded on {name} {proven[name]}, the lock has "
                        f"{survey.project.locked.get(name)}: run 'make matrix'"
                    )


@rule
def all_records_agree_on_what_no_lock_pins(survey: Survey) -> Iterator[str]:
    blocks = [(snippet, run) for snippet in survey.snippets for run in survey.record(snippet).runs]
    for name in UNPINNED:
        versions = Counter(run.proven[name] for _, run in blocks if name in run.proven)
        usual = versions.most_common(1)[0][0] if versions else ""
        for snippet, run in blocks:
            if run.proven.get(name, usual) != usual:
                yield (
                    f"{_block(snippet, run)}: recorded on {name} {run.proven[name]}, and most others on {usual}: "
                    f"record it there ('make update', 'make matrix'), or all of them here"
                )
    for snippet, run in blocks:
        database = "SQLite" if run.driver == "aiosqlite" else "PostgreSQL"
        lacking = {"Python", database} - run.proven.keys()
        if lacking:
            yield f"{_block(snippet, run)}: does not say on which {min(lacking)} it ran: run 'make update'"


@rule
def no_record_is_an_orphan(survey: Survey) -> Iterator[str]:
    for path in sorted(survey.project.snippets.rglob("*.ledger")):
        if not path.with_suffix(".py").is_file():
            yield f"{survey.project.shown(path)}:1: its snippet is gone: delete it"


def _block(snippet: Snippet, run: Run) -> str:
    """Where a run begins in its ledger."""
    return f"{snippet.shown_ledger}:{place(snippet, run)}"
