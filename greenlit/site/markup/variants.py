"""What differs between the release lines of one driver, and what to call each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from greenlit.record import Run


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
        return _listed([(_package(run), run.proven[_package(run)]) for run in self.runs[1:]])


def variants(runs: list[Run], did: Callable[[Run], object]) -> list[Variant]:
    """What the lock has comes first, with all that did the same."""
    alike: list[list[Run]] = []
    for run in runs:
        group = next((group for group in alike if did(group[0]) == did(run)), None)
        if group is None:
            alike.append([run])
        else:
            group.append(run)
    first, *others = alike
    moved = dict.fromkeys(_package(run) for group in others for run in group)
    newest = _listed([(name, ".".join(first[0].proven[name].split(".")[:2])) for name in moved])
    return [
        Variant(first, newest),
        *(Variant(group, _listed([(_package(run), _line(run)) for run in group])) for group in others),
    ]


def _package(run: Run) -> str:
    """The package whose release line it is, as pages write it."""
    package = run.release.partition("==")[0]
    return next(name for name in run.proven if name.lower() == package)


def _line(run: Run) -> str:
    return run.release.partition("==")[2].removesuffix(".*")


def _listed(named: list[tuple[str, str]]) -> str:
    versions: dict[str, list[str]] = {}
    for name, version in named:
        versions.setdefault(name, []).append(version)
    return ", ".join(f"{name} {' and '.join(found)}" for name, found in versions.items())
