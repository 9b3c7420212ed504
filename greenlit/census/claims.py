"""The claims: each a sentence with a proof, on a page, and true somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from greenlit import Mistake
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.claim import Claim, claims_of
from greenlit.site import targets
from greenlit.snippet import Snippet

LONGEST = 200
LINE = "sqlalchemy==2.0.*"
"""The release line that each file of claims is run on beside the lock."""


@rule
def every_claim_can_be_read(survey: Survey) -> Iterator[str]:
    for snippet, claims in _claims(survey):
        if not claims:
            yield f"{snippet.shown_path}:1: holds no claim: write 'async def claim_...(engine: AsyncEngine) -> None'"
        sentences = [claim.sentence for claim in claims]
        for claim in claims:
            if why := _fault(claim, sentences):
                yield f"{snippet.shown_path}:{claim.line}: claim '{claim.name}' {why}"


def _fault(claim: Claim, sentences: list[str]) -> str:
    if not claim.sentence.endswith("."):
        return "has no sentence: write it as the docstring, with a full stop"
    if len(claim.sentence) > LONGEST:
        return (
            f"has {len(claim.sentence)} characters, and {LONGEST} are the most: say less, or make two of it"
        )
    if sentences.count(claim.sentence) > 1:
        return "says what another one says: delete one"
    if not claim.assertions:
        return "asserts nothing: add an 'assert' that fails where the sentence is false"
    return ""


@rule
def every_claim_holds_somewhere(survey: Survey) -> Iterator[str]:
    for snippet, claims in _claims(survey):
        runs = survey.record(snippet).runs
        for claim in claims:
            if runs and not any(claim.holds(run) for run in runs):
                against = next(filter(None, (claim.against(run) for run in runs)), "it is not recorded")
                yield (
                    f"{snippet.shown_path}:{claim.line}: '{claim.sentence}' holds nowhere ({against}): "
                    "say what is so, or take it out"
                )


@rule
def every_claim_is_on_a_page(survey: Survey) -> Iterator[str]:
    shown: set[tuple[str, str]] = set()
    for placement in survey.placements:
        if placement.verb == "claims":
            with suppress(Mistake):  # That it leads nowhere, a rule for all directives says.
                snippet, claims = targets.claims_in(survey.project, placement.target)
                shown |= {(snippet.name, claim.name) for claim in claims}
    for snippet, claims in _claims(survey):
        for claim in claims:
            if (snippet.name, claim.name) not in shown:
                yield (
                    f"{snippet.shown_path}:{claim.line}: no page shows claim '{claim.name}': "
                    f"place '@claims {snippet.name}#{claim.name}' on one, or delete it"
                )


@rule
def every_claim_is_run_on_both_lines(survey: Survey) -> Iterator[str]:
    for snippet, _ in _claims(survey):
        if LINE not in snippet.releases:
            yield f"{snippet.shown_path}:1: its claims are not run on {LINE}: lower its bound, or declare '# also: {LINE}'"


def _claims(survey: Survey) -> Iterator[tuple[Snippet, tuple[Claim, ...]]]:
    for snippet in survey.sound:
        if snippet.is_claims:
            yield snippet, claims_of(snippet)
