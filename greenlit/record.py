"""What running a snippet did, and the text file beside the snippet that keeps it.

The file is made for reading in a diff. One block a driver; in it, one part a section; in that,
the lines of the section that did something, each with what it did:

    == asyncpg
    proven on: Python 3.11.7, SQLAlchemy 2.1.9, asyncpg 0.32.0, PostgreSQL 18.4

    [read]
    3: await session.commit()
        sql   UPDATE users SET name=$1::VARCHAR WHERE users.id = $2::INTEGER
        txn   COMMIT
        pool  checkin
    4: print(user.name)
        raised sqlalchemy.exc.MissingGreenlet: greenlet_spawn has not been called; ...
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from greenlit.snippet import Snippet

KINDS = {"pool": "pool", "transaction": "txn", "sql": "sql", "error": "error"}
SAME = "did the same as with the locked versions"
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
    """What a release line printed. What the locked versions print stands in the snippet: `#>`."""
    source: str = ""
    """The digest of the file that a release line ran: it is not re-run by every test."""
    same: bool = False
    """A release line that did just what the locked versions do: it is not written out again."""

    @property
    def raised(self) -> str | None:
        for lines in self.sections.values():
            for line in lines:
                for deed in line.deeds:
                    if deed.kind == "raised":
                        return deed.text
        return None

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
        record = cls(list(_parse(path.read_text().splitlines()))) if path.is_file() else cls()
        for run in record.runs:
            locked = record.find(run.driver) if run.same else None
            if locked:
                run.sections, run.printed = locked.sections, snippet.output
        return record

    def find(self, driver: str, release: str = "") -> Run | None:
        return next((r for r in self.runs if (r.driver, r.release) == (driver, release)), None)

    def replace(self, runs: Iterable[Run]) -> Record:
        """The same record with these runs in it, in a stable order."""
        by_key = {(run.release, run.driver): run for run in [*self.runs, *runs]}
        return Record([by_key[key] for key in sorted(by_key, key=_order)])

    def save(self, snippet: Snippet) -> None:
        text = f"What running {snippet.path.name} did. `make update` writes it, `make test` holds it true.\n"
        for run in self.runs:
            text += "\n" + "\n".join(_format(run)) + "\n"
        write_whole(snippet.ledger_path, text)


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


def normalise(text: str, *, file: Path | None = None, shown: str = "") -> str:
    """Take out what differs from run to run. This is the only place that may do so."""
    if file is not None:
        text = text.replace(str(file), shown)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x...", text)
    text = re.sub(r"(127\.0\.0\.1|localhost):\d{4,5}", r"\1:PORT", text)
    text = re.sub(
        r"""(127\.0\.0\.1(?:', |", port ))\d{5}""", r"\1PORT", text
    )  # as the system and libpq say it
    text = re.sub(r"%\(\d{6,} ", "%(... ", text)  # a parameter that is named after an address
    text = re.sub(r"/\S*/greenlit-\w+/data/\S*", "SOCKET", text)  # where our own server listens
    text = re.sub(r"/\S*/lib/python3\.\d+/", "", text)
    text = re.sub(r"session '\d+' \(this is '\d+'\)", "session 'N' (this is 'M')", text)
    text = re.sub(r"Task-\d+", "Task-N", text)
    text = re.sub(r"(?i)\b(process|on transaction) \d+", r"\1 N", text)  # of a deadlock
    text = re.sub(r"\bc_[0-9a-f]{6,}_[0-9a-f]+", "c_N", text)  # psycopg's cursors are named after addresses
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _order(key: tuple[str, str]) -> tuple[list[str | int], str]:
    release, driver = key
    # 0.105 comes before 0.117, and 2.0 before 2.1: numbers count as numbers.
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", release)], driver


def _format(run: Run) -> Iterator[str]:
    yield f"== {run.driver}" + (f" with {run.release}" if run.release else "")
    yield "proven on: " + ", ".join(f"{name} {version}" for name, version in run.proven.items())
    if run.source:
        yield f"source: {run.source}"
    if run.same:
        yield SAME
    else:
        yield from _format_sections(run)


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
_LINE = re.compile(r"(?P<number>\d+)(?P<leaving> leaving)?(?: x(?P<times>\d+))?: (?P<code>.*)")
_DEED = re.compile(r"    (?P<kind>pool|txn|sql|error|raised)(?: #(?P<connection>\d+))? +(?P<text>.*)")


def _parse(lines: list[str]) -> Iterator[Run]:
    run = Run("")
    part: list[Line] = []
    for text in lines:
        if match := _BLOCK.fullmatch(text):
            if run.driver:
                yield run
            run = Run(match["driver"], match["release"] or "")
        elif text.startswith("proven on: "):
            for item in text.removeprefix("proven on: ").split(", "):
                name, version = item.rsplit(" ", 1)
                run.proven[name] = version
        elif text.startswith("source: "):
            run.source = text.removeprefix("source: ")
        elif text == SAME:
            run.same = True
        elif text.startswith("printed: "):
            run.printed.append(text.removeprefix("printed: "))
        elif text.startswith("[") and text.endswith("]"):
            part = run.sections.setdefault(text[1:-1], [])
        elif match := _DEED.fullmatch(text):
            deed = Deed(match["kind"], match["text"], int(match["connection"] or 1))
            part[-1].deeds.append(deed)
        elif text.startswith("    ."):
            last = part[-1].deeds.pop()
            part[-1].deeds.append(Deed(last.kind, f"{last.text}\n{text[12:]}", last.connection))
        elif match := _LINE.fullmatch(text):
            line = Line(int(match["number"]), match["code"], bool(match["leaving"]))
            line.times = int(match["times"] or 1)
            part.append(line)
    if run.driver:
        yield run
