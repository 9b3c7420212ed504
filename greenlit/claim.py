"""A claim: a sentence about behaviour, and the function that proves it. `claims.py` in a page's folder holds them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from greenlit import Mistake
from greenlit.record import Run
from greenlit.snippet import Snippet

PREFIX = "claim_"
HOLDS, FAILS = "holds: ", "does not hold: "


@dataclass(frozen=True)
class Claim:
    name: str
    """Of the function, without its prefix."""
    sentence: str
    line: int
    source: str
    assertions: tuple[int, ...]
    """The lines that they stand in."""

    @property
    def anchor(self) -> str:
        return f"claim-{self.name.replace('_', '-')}"

    def holds(self, run: Run) -> bool:
        return HOLDS + self.sentence in run.printed

    def exceptions(self, runs: list[Run]) -> dict[str, str]:
        """Each reason why it does not hold everywhere, and where.

        One error whose text depends on the driver is one reason: its class.
        """
        reasons: dict[str, list[Run]] = {}
        for run in runs:
            if not self.holds(run):
                reasons.setdefault(self.against(run), []).append(run)
        for start in filter(None, dict.fromkeys(map(_error_class, reasons))):
            alike = [reason for reason in reasons if _error_class(reason) == start]
            if len(alike) > 1:
                reasons[start] = [run for reason in alike for run in reasons.pop(reason)]
        return {reason: _joined(_places(failing, runs)) for reason, failing in reasons.items()}

    def against(self, run: Run) -> str:
        """The reason why it does not hold there, or nothing."""
        begin = f"{FAILS}{self.sentence} ("
        said = next((line for line in run.printed if line.startswith(begin)), begin + ")")
        return said[len(begin) : -1].removeprefix("AssertionError: ")


def claims_of(snippet: Snippet) -> tuple[Claim, ...]:
    return _claims(snippet.source)


@cache
def _claims(source: str) -> tuple[Claim, ...]:
    """The pages of upgrades ask for those of every file, once for each run."""
    lines = source.splitlines()
    return tuple(
        Claim(
            node.name.removeprefix(PREFIX),
            " ".join((ast.get_docstring(node) or "").split()),
            node.lineno,
            "\n".join(lines[node.lineno - 1 : node.end_lineno]),
            tuple(inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Assert)),
        )
        for node in ast.parse(source).body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith(PREFIX)
    )


def chosen(snippet: Snippet, names: str) -> tuple[Claim, ...]:
    """Those that a page asks for by name, in its order; all if it names none."""
    known = {claim.name: claim for claim in claims_of(snippet)}
    wanted = [name.strip() for name in names.split(",")] if names else list(known)
    for name in wanted:
        if name not in known:
            raise Mistake(f"{snippet.shown_path} has no claim '{name}': it has {', '.join(known) or 'none'}")
    return tuple(known[name] for name in wanted)


def _error_class(reason: str) -> str:
    """Nothing for a reason that an assertion gave."""
    found = re.match(r"([A-Z]\w+): ", reason)
    return found[1] if found else ""


def releases_of(runs: list[Run]) -> dict[str, list[str]]:
    """Each package that has release lines here, and the versions that ran, the newest first."""
    lined = {"sqlalchemy"} | {run.release.split("==")[0] for run in runs if run.release}
    names = {name: None for run in runs for name in run.proven if name.lower() in lined}
    found = {}
    for name in sorted(names, key=lambda name: name != "SQLAlchemy"):
        versions = {run.proven[name] for run in runs if name in run.proven}
        found[name] = sorted(versions, key=numbers, reverse=True)
    return found


def _places(failing: list[Run], runs: list[Run]) -> Iterator[str]:
    """In as few words as tell them apart: a release line or a driver, or one with the other."""
    several = {name: versions for name, versions in releases_of(runs).items() if len(versions) > 1}
    rest = list(failing)
    for words in (1, 2, 3):
        called: dict[str, list[Run]] = {}
        for run in runs:
            for label in _labels(run, several, words):
                called.setdefault(label, []).append(run)
        # The widest first: "on asyncpg", and not "with asyncpg 0.32" and the rest of its runs.
        for label, alike in sorted(called.items(), key=lambda item: -len(item[1])):
            if any(run in rest for run in alike) and all(run in failing for run in alike):
                yield label
                rest = [run for run in rest if run not in alike]


def _joined(places: Iterable[str]) -> str:
    """`with FastAPI 0.117, 0.118 or 0.121`: a name that comes again is not said again."""
    versions: dict[str, list[str]] = {}
    for place in places:
        found = re.fullmatch(r"(with \S+) (\S+)", place)
        versions.setdefault(found[1] if found else place, []).extend([found[2]] if found else [])
    named = [
        f"{name} {listed(sorted(found, key=numbers), 'or')}" if found else name
        for name, found in versions.items()
    ]
    return " or ".join(named)


def listed(names: list[str], word: str) -> str:
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def _labels(run: Run, several: dict[str, list[str]], words: int) -> list[str]:
    """What the run can be called with so many words: `with SQLAlchemy 2.0`, `on asyncpg`, `on asyncpg with SQLAlchemy 2.0`."""
    lines = [
        f"{name} {_line(run.proven[name], versions)}"
        for name, versions in several.items()
        if name in run.proven
    ]
    if words == 1:
        return [*(f"with {line}" for line in lines), f"on {run.driver}"]
    if words == 2:
        return [f"on {run.driver} with {line}" for line in lines]
    return [f"on {run.driver} with {' and '.join(lines)}"]


def _line(version: str, versions: list[str]) -> str:
    """Its first two numbers, if they tell it apart."""
    line = ".".join(version.split(".")[:2])
    return line if sum(other.split(".")[:2] == version.split(".")[:2] for other in versions) == 1 else version


def numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
