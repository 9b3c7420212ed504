"""Run a snippet and compare what it did with what its ledger says."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from greenlit import Mistake, alone
from greenlit.claim import claims_of
from greenlit.proof.claims import turned_round
from greenlit.proof.database import Stage
from greenlit.proof.output import output_drifted, with_output
from greenlit.proof.run import Rejected, execute, without_address
from greenlit.proof.watch import Observation, checked, faults
from greenlit.record import Record, Run, place
from greenlit.snippet import Snippet


def prove(snippet: Snippet, driver: str, stage: Stage) -> Observation:
    """Run on one driver; whatever differs from what the snippet and its ledger say is rejected."""
    seen, updated = _run(snippet, driver, stage)
    if updated != snippet.source:
        raise Rejected(output_drifted(snippet, updated, driver))
    compare(snippet, seen.run)
    if snippet.is_claims:
        before = snippet.drivers[: snippet.drivers.index(driver)]
        _shake(snippet, seen.run, filter(None, map(Record.of(snippet).find, before)), stage)
    return seen


def update(snippet: Snippet, stage: Stage) -> tuple[Snippet, Record]:
    """Run on all drivers; return the snippet with its output brought up to date, and its record."""
    first = snippet.drivers[0]
    _, updated = _run(snippet, first, stage)
    snippet = replace(snippet, source=updated)
    runs: list[Run] = []
    for driver in snippet.drivers:
        seen, again = _run(snippet, driver, stage)
        if again != updated:
            raise Rejected(
                output_drifted(
                    snippet, again, driver, f"prints something else than on {first}: print what all share"
                )
            )
        if snippet.is_claims:
            _shake(snippet, seen.run, runs, stage)
        runs.append(seen.run)
    kept = [run for run in Record.of(snippet).runs if run.release in snippet.releases]
    return snippet, Record([run for run in kept if run.driver in snippet.drivers]).replace(runs)


def compare(snippet: Snippet, run: Run) -> None:
    """Reject a run that did something else than the ledger says, and show the difference."""
    known = Record.of(snippet).find(run.driver, run.release)
    where, verb = run.head.removeprefix("== "), "matrix" if run.release else "update"
    if known is None:
        raise Rejected(
            f"{snippet.shown_ledger}:1: nothing recorded for {where}: run 'make {verb}' and review the diff"
        )
    before, after = known.what_happened().splitlines(), run.what_happened().splitlines()
    if before == after:
        return
    pairs = zip([*before, ""], [*after, ""], strict=False)
    first = next((i for i, (old, new) in enumerate(pairs) if old != new), 0)
    # What is the same as with the locked versions is not written out: there is no line to name.
    head = 0 if known.same else 2 if known.source else 1
    line = place(snippet, known) + head + (0 if known.same else 1 + first)
    diff = "\n".join(difflib.unified_diff(before, after, "in the ledger", "in this run", lineterm="", n=2))
    raise Rejected(
        f"{snippet.shown_ledger}:{line}: running it on {where} did something else than the ledger says. "
        f"If that is what you meant, run 'make {verb}' and review the diff.\n{diff}"
    )


def _run(snippet: Snippet, driver: str, stage: Stage) -> tuple[Observation, str]:
    """Run, and return what happened and the source with the output that it really printed."""
    try:
        snippet.sections  # noqa: B018  A faulty marker is said before anything is run.
        compile(snippet.source, snippet.shown_path, "exec")
    except SyntaxError as error:
        raise Rejected(f"{snippet.shown_path}:{error.lineno}: {error.msg}: mend the syntax") from None
    except Mistake as mistake:
        raise Rejected(str(mistake)) from None
    if driver == snippet.drivers[0]:
        _refuse_where_it_must(snippet, stage)
    seen = execute(checked, snippet, driver, stage)
    wrong = faults(snippet, seen)
    if wrong:
        raise Rejected(stage.gone() or "\n".join(wrong))
    return seen, snippet.source if snippet.is_claims else with_output(snippet.source, seen.printed)


def _shake(snippet: Snippet, run: Run, before: Iterable[Run], stage: Stage) -> None:
    """Where a claim holds first, each of its assertions must be able to fail."""
    earlier = list(before)
    new = frozenset(
        claim.name for claim in claims_of(snippet) if claim.holds(run) and not any(map(claim.holds, earlier))
    )
    if new and (wrong := execute(partial(turned_round, new), snippet, run.driver, stage)):
        raise Rejected("\n".join(wrong))


def _refuse_where_it_must(snippet: Snippet, stage: Stage) -> None:
    """Started as a reader starts it, what SQLite cannot show says at once what it needs, and does nothing else."""
    needed = alone.message(snippet)
    if not needed:
        return
    ending = execute(without_address, snippet, "aiosqlite", stage)
    if (ending.error, ending.last_line, ending.said) != ("SystemExit", f"SystemExit: {needed}", []):
        raise Rejected(
            f"{snippet.shown_path}:1: without {alone.NAME} it ends with {ending.last_line or 'no error'}: "
            f"{alone.remedy(needed)}"
        )
