"""What differs between the release lines of one driver, and what to call each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from greenlit.claim import listed
from greenlit.record import Run

T = TypeVar("T")


@dataclass(frozen=True)
class Variant:
    """Runs on one driver that did the same."""

    runs: list[Run]
    label: str
    """Such as `SQLAlchemy 2.0`."""

    @property
    def run(self) -> Run:
        return self.runs[0]

    @property
    def also(self) -> str:
        """The versions of the other runs, such as `SQLAlchemy 2.0.58, FastAPI 0.136.4 and 0.120.4`."""
        return _listed([(name := run.shown(run.package), run.proven[name]) for run in self.runs[1:]])


def variants(runs: list[Run], did: Callable[[Run], object]) -> list[Variant]:
    """What the lock has comes first, with all that did the same."""
    first, *others = alike(runs, did)
    moved = dict.fromkeys(run.shown(run.package) for group in others for run in group)
    newest = _listed([(name, ".".join(first[0].proven[name].split(".")[:2])) for name in moved])
    return [Variant(first, newest), *(Variant(group, _listed(map(_line, group))) for group in others)]


def alike(items: Iterable[T], what: Callable[[T], object]) -> list[list[T]]:
    """Those of which something is the same, together, in the order in which each kind came first."""
    groups: list[list[T]] = []
    for item in items:
        group = next((group for group in groups if what(group[0]) == what(item)), None)
        if group is None:
            groups.append([item])
        else:
            group.append(item)
    return groups


def _line(run: Run) -> tuple[str, str]:
    return run.shown(run.package), run.release.partition("==")[2].removesuffix(".*")


def _listed(named: Iterable[tuple[str, str]]) -> str:
    versions: dict[str, list[str]] = {}
    for name, version in named:
        versions.setdefault(name, []).append(version)
    return ", ".join(f"{name} {listed(found, 'and')}" for name, found in versions.items())
