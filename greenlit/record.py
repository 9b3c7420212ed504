"""What running a snippet did: the record, and the text file beside the snippet that keeps it: the ledger.

A record is the runs of one snippet; a run is what one driver did: sections, their lines, and the deeds of each. (While a
snippet runs, the toolkit's `Ledger` collects what all connections do; `greenlit/proof/watch.py` makes a run of that.)
The ledger is made for reading in a diff:

    == asyncpg
    proven on: Python 3.11.7, SQLAlchemy 2.1.9, asyncpg 0.32.0, PostgreSQL 18.4

    [read]
    3: await session.commit()
        sql   UPDATE users SET name=$1::VARCHAR WHERE users.id = $2::INTEGER
        txn   COMMIT
        pool  checkin
    4: print(user.name)
        raised sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; ...

What did the same on an older release line is one line at the end:

    same with fastapi==0.136.*: asyncpg, psycopg; FastAPI 0.136.4, Starlette 0.50.1; source 1e2151e1638e
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from greenlit import Mistake
from greenlit.snippet import Snippet

KINDS = {"pool": "pool", "transaction": "txn", "sql": "sql", "error": "error"}
OUTSIDE = "elsewhere"
"""Stands for a section's name where an uncaught error comes from a line that no page shows."""


@dataclass(frozen=True)
class Deed:
    kind: str
    """`pool`, `txn`, `sql`, `error` (the database's answer), or `raised`: the uncaught exception."""
    text: str
    connection: int = 1


@dataclass
class Line:
    number: int
    """Its place in the section, counted from 1."""
    code: str
    leaving: bool = False
    deeds: list[Deed] = field(default_factory=list)
    times: int = 1
    """How often in a row it did just this."""


@dataclass
class Run:
    driver: str
    release: str = ""
    """The release line, such as `fastapi==0.117.*`; empty for what the lock pins."""
    proven: dict[str, str] = field(default_factory=dict)
    """The name and version of all that the run depended on."""
    sections: dict[str, list[Line]] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    """What a release line printed, or claims. What else prints with the locked versions stands in the snippet: `#>`."""
    source: str = ""
    """The digest of the file that a release line ran: it is not re-run by every test."""
    same: bool = False
    """A release line that did what the locked versions do: it is not written out again."""
    spelling: list[str] = field(default_factory=list)
    """What it only wrote otherwise: see `greenlit/difference.py`."""

    @property
    def package(self) -> str:
        """Whose release line it is; nothing for what the lock pins."""
        return self.release.partition("==")[0]

    def shown(self, package: str) -> str:
        """The name of a package as pages write it."""
        return next(name for name in self.proven if name.lower() == package)

    @property
    def head(self) -> str:
        """The line of the ledger with which it begins."""
        return f"== {self.driver}" + (f" with {self.release}" if self.release else "")

    @property
    def raised(self) -> str | None:
        for lines in self.sections.values():
            for line in lines:
                for deed in line.deeds:
                    if deed.kind == "raised":
                        return deed.text
        return None

    def output(self, snippet: Snippet) -> list[str]:
        return self.printed if self.release or snippet.is_claims else snippet.output

    def what_happened(self) -> str:
        """Everything that must be the same in the next run, on any machine."""
        return "\n".join(_format_sections(self))


@dataclass
class Record:
    """All runs of one snippet."""

    runs: list[Run] = field(default_factory=list)

    @classmethod
    def of(cls, snippet: Snippet) -> Record:
        path = snippet.ledger_path
        return cls([*_recorded(snippet, path.read_text() if path.is_file() else "")])

    def find(self, driver: str, release: str = "") -> Run | None:
        return next((r for r in self.runs if (r.driver, r.release) == (driver, release)), None)

    def replace(self, runs: Iterable[Run]) -> Record:
        """The same record with these runs in it, in a stable order."""
        by_key = {(run.release, run.driver): run for run in [*self.runs, *runs]}
        return Record([by_key[key] for key in sorted(by_key, key=_order)])

    def save(self, snippet: Snippet) -> None:
        write_whole(snippet.ledger_path, self.text(snippet))

    def text(self, snippet: Snippet) -> str:
        """The ledger: the file that keeps a record."""
        blocks = ["\n" + "\n".join(_format(run)) + "\n" for run in self.runs if not run.same]
        head = f"What running {snippet.path.name} did. `make update` writes it, `make test` holds it true.\n"
        same = "".join(f"{line}\n" for line in self._same())
        return head + "".join(blocks) + (same and f"\n{same}")

    def _same(self) -> Iterator[str]:
        alike: dict[tuple[str, str], list[str]] = {}
        for run in self.runs:
            if run.same:
                locked = self.find(run.driver) or run
                other = {
                    name: version
                    for name, version in run.proven.items()
                    if locked.proven.get(name) != version
                }
                but = f"; but for {', '.join(run.spelling)}" if run.spelling else ""
                end = f"; {_versions(other)}; source {run.source}{but}"
                alike.setdefault((run.release, end), []).append(run.driver)
        for (release, end), drivers in alike.items():
            yield f"same with {release}: {', '.join(drivers)}{end}"


@lru_cache(4096)
def _recorded(snippet: Snippet, ledger: str) -> list[Run]:
    """Read once, as long as both stay as they are: for looking at, as others look at the same runs."""
    record = Record(_parse(ledger.splitlines(), snippet.shown_ledger))
    for run in (run for run in record.runs if run.same):
        if locked := record.find(run.driver):
            run.sections, run.printed = locked.sections, locked.output(snippet)
            run.proven = locked.proven | run.proven
    return record.replace([]).runs


def place(snippet: Snippet, run: Run) -> int:
    """The line of the ledger that a run begins in."""
    same = re.compile(rf"same with {re.escape(run.release)}: [\w, ]*\b{run.driver}\b.*")
    lines = enumerate(snippet.ledger_path.read_text().splitlines(), 1)
    return next(number for number, line in lines if line == run.head or same.fullmatch(line))


def digest(snippet: Snippet) -> str:
    """Of what decides how a file behaves: its code and its dependencies, not its comments and markers."""
    lines = [line for line in snippet.source.splitlines() if not re.match(r"\s*#|\s*$", line)]
    return hashlib.sha256("\n".join([*snippet.dependencies, *lines]).encode()).hexdigest()[:12]


def write_whole(path: Path, text: str) -> None:
    """Write all of a file or none of it, so that Ctrl-C leaves no half behind."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _order(key: tuple[str, str]) -> tuple[list[str | int], str]:
    release, driver = key
    # 0.105 comes before 0.117, and 2.0 before 2.1: numbers count as numbers.
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", release)], driver


def _format(run: Run) -> Iterator[str]:
    yield run.head
    yield f"proven on: {_versions(run.proven)}"
    if run.source:
        yield f"source: {run.source}"
    yield from _format_sections(run)


def _versions(proven: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in proven.items())


def _read_versions(text: str) -> dict[str, str]:
    return dict(item.rsplit(" ", 1) for item in text.split(", ") if item)


def _format_sections(run: Run) -> Iterator[str]:
    for text in run.printed:
        yield f"printed: {text}"
    for name, lines in run.sections.items():
        yield ""
        yield f"[{name}]"
        for line in lines:
            times = f" x{line.times}" if line.times > 1 else ""
            yield f"{line.number}{' leaving' if line.leaving else ''}{times}: {line.code}"
            for deed in line.deeds:
                kind = deed.kind + ("" if deed.connection == 1 else f" #{deed.connection}")
                first, *more = deed.text.splitlines() or [""]
                yield f"    {f'{kind} ':<8}{first}"
                yield from (f"    {'.':<8}{text}".rstrip() for text in more)


_BLOCK = re.compile(r"== (?P<driver>\w+)(?: with (?P<release>\S+))?")
_SAME = re.compile(
    r"same with (?P<release>\S+): (?P<drivers>[\w, ]+); (?P<versions>[^;]*); source (?P<source>\w+)"
    r"(; but for (?P<spelling>.+))?"
)
_LINE = re.compile(r"(?P<number>\d+)(?P<leaving> leaving)?(?: x(?P<times>\d+))?: (?P<code>.*)")
_SECTION = re.compile(r"\[(?P<name>[a-z]+(?:-[a-z]+)*)\]")
_DEED = re.compile(r"    (?P<kind>pool|txn|sql|error|raised)(?: #(?P<connection>\d+))? +(?P<text>.*)")
_MORE = re.compile(r"    \.(?: {7}(?P<text>.*))?")


def _parse(lines: list[str], shown: str) -> list[Run]:
    """Read a ledger. A line that it does not know is refused: nothing may vanish unnoticed."""
    runs, part = list[Run](), list[Line]()
    for number, text in enumerate(lines[1:], 2):
        try:
            if match := _BLOCK.fullmatch(text):
                runs.append(_only(Run(match["driver"], match["release"] or ""), runs))
            elif match := _SAME.fullmatch(text):
                runs += [_only(run, runs) for run in _same_runs(match)]
            elif match := _SECTION.fullmatch(text):
                part = runs[-1].sections.setdefault(match["name"], [])
            elif text and not (_about_the_run(text, runs) or _about_a_line(text, part)):
                raise ValueError
        except (ValueError, IndexError):
            raise Mistake(
                f"{shown}:{number}: no ledger has such a line here: {text!r}: undo the edit, or run 'make update'"
            ) from None
    return runs


def _same_runs(match: re.Match[str]) -> list[Run]:
    spelling = match["spelling"].split(", ") if match["spelling"] else []
    versions = _read_versions(match["versions"])
    return [
        Run(driver, match["release"], versions, source=match["source"], same=True, spelling=spelling)
        for driver in match["drivers"].split(", ")
    ]


def _only(run: Run, runs: list[Run]) -> Run:
    if (run.driver, run.release) in [(other.driver, other.release) for other in runs]:
        raise ValueError
    return run


def _about_the_run(text: str, runs: list[Run]) -> bool:
    if text.startswith("proven on: "):
        runs[-1].proven = _read_versions(text.removeprefix("proven on: "))
    elif text.startswith("source: "):
        runs[-1].source = text.removeprefix("source: ")
    elif text.startswith("printed: "):
        runs[-1].printed.append(text.removeprefix("printed: "))
    else:
        return False
    return True


def _about_a_line(text: str, part: list[Line]) -> bool:
    if match := _DEED.fullmatch(text):
        part[-1].deeds.append(Deed(match["kind"], match["text"], int(match["connection"] or 1)))
    elif match := _MORE.fullmatch(text):
        last = part[-1].deeds.pop()
        part[-1].deeds.append(Deed(last.kind, f"{last.text}\n{match['text'] or ''}", last.connection))
    elif match := _LINE.fullmatch(text):
        line = Line(int(match["number"]), match["code"], bool(match["leaving"]))
        line.times = int(match["times"] or 1)
        part.append(line)
    else:
        return False
    return True
