"""What a release did otherwise than the one before, over all records: the changelog of behaviour."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from greenlit.claim import claims_of, numbers
from greenlit.difference import PRINTS, RAISES, Difference, differences
from greenlit.project import Project
from greenlit.record import Record, Run
from greenlit.snippet import Snippet

HOLDS = "true on one side only"


@dataclass(frozen=True)
class Place:
    """Where a difference was seen."""

    snippet: Snippet
    old: Run
    new: Run
    difference: Difference
    claim: str = ""
    """The name of the claim that holds on one side only."""


@dataclass
class Change:
    """A difference, and everywhere that it was seen, whatever the names in it."""

    kind: str
    places: list[Place] = field(default_factory=list)

    @property
    def snippets(self) -> dict[str, list[str]]:
        """Each with its drivers."""
        found: dict[str, list[str]] = {}
        for place in self.places:
            drivers = found.setdefault(place.snippet.name, [])
            if place.new.driver not in drivers:
                drivers.append(place.new.driver)
        return found


@dataclass
class Step:
    """From one release line of a package to the next."""

    old: str
    new: str
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    """Runs that did the same on both."""
    spelling: Counter[str] = field(default_factory=Counter)


def steps(project: Project, package: str) -> list[Step]:
    found: dict[tuple[str, str], Step] = {}
    grouped: dict[tuple[object, ...], Change] = {}
    for snippet in project.all():
        for old, new in _pairs(Record.of(snippet), package):
            ends = _ends(old, new, package)
            step = found.setdefault(ends, Step(*ends))
            places = list(_places(snippet, old, new))
            step.same += not places
            step.spelling.update(old.spelling)
            for place in places:
                key = (*ends, *_shape(place))
                if key not in grouped:
                    grouped[key] = Change(place.difference.kind)
                    step.changes.append(grouped[key])
                grouped[key].places.append(place)
    for step in found.values():
        step.changes.sort(key=lambda change: -len(change.places))
    return sorted(found.values(), key=lambda step: [numbers(step.new), numbers(step.old)])


def _pairs(record: Record, package: str) -> Iterator[tuple[Run, Run]]:
    """Each run on a line of the package, with that on the next line; the lock's is the last."""
    for locked in record.runs:
        if not locked.release:
            older = [run for run in record.runs if run.driver == locked.driver and run.package == package]
            yield from pairwise(
                [*sorted(older, key=lambda run: numbers(run.proven[run.shown(package)])), locked]
            )


def _places(snippet: Snippet, old: Run, new: Run) -> Iterator[Place]:
    if not snippet.is_claims:
        found = differences(snippet, old, new)
        raised = any(one.kind == RAISES for one in found)
        # What a file prints after another error follows from the error.
        yield from (Place(snippet, old, new, one) for one in found if not (raised and one.kind == PRINTS))
        return
    for claim in claims_of(snippet):
        if claim.holds(old) != claim.holds(new):
            reasons = Difference(HOLDS, (claim.against(old),), (claim.against(new),))
            yield Place(snippet, old, new, reasons, claim.name)


def _ends(old: Run, new: Run, package: str) -> tuple[str, str]:
    """Two numbers of each version, as its users call it, or all of them where two do not tell them apart."""
    versions = [run.proven[run.shown(package)] for run in (old, new)]
    short = [".".join(version.split(".")[:2]) for version in versions]
    one, other = short if short[0] != short[1] else versions
    return one, other


def _shape(place: Place) -> tuple[str, ...]:
    """The same for all places that differ alike, whatever their names and values."""
    one = place.difference
    if place.claim:
        return (place.snippet.name, place.claim)
    return (one.kind, *map(_without_names, one.old), "to", *map(_without_names, one.new))


def _without_names(text: str) -> str:
    """Of SQL its keywords; else the first line, without what is quoted or numbered."""
    if re.match(r"[A-Z]+ ", text) and not re.match(r"[A-Z]\w*: ", text):
        return " ".join(re.findall(r"\b[A-Z]{2,}\b", text))
    first = text.splitlines()[0] if text else ""
    return re.sub(r"""(['"]).*?\1|<.*?>|\d+""", "…", first)
