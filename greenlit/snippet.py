"""A snippet as it stands in its file: the header that declares, and the sections that pages show."""

from __future__ import annotations

import re
import textwrap
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

from greenlit import DRIVERS, Mistake

MARKER = re.compile(r"^\s*# --8<-- \[(?P<edge>start|end):(?P<name>[a-z]+(?:-[a-z]+)*)\]\s*$")
LOOKS_LIKE_MARKER = re.compile(r"--8<--|\[(start|end):")
METADATA = re.compile(r"^# /// script\n(?P<body>(?:#.*\n)*?)# ///\n", re.MULTILINE)
DECLARATION = re.compile(
    r"^# (?P<key>raises|silent|leaks|drivers|also|without|twin|unrecorded|needs): (?P<value>.+)$"
)
OUTPUT = re.compile(r"^\s*#> ?(?P<text>.*)$")

BREAKS, CLAIMS = "_breaks", "claims"


@dataclass(frozen=True)
class Requirement:
    """What a snippet asks for, such as `sqlalchemy[asyncio]>=2.0`."""

    package: str
    """Its name as the lock has it: lower case, with hyphens."""
    extras: str
    """With their brackets, such as `[asyncio]`, or empty."""
    bounds: str
    """Such as `>=2.0,<3`, or empty."""

    @classmethod
    def parse(cls, text: str) -> Requirement:
        match = re.fullmatch(
            r"(?P<name>[\w.-]+) *(?P<extras>\[[\w, -]+\])? *(?P<bounds>[^\[\];]*)(?:;.*)?", text
        )
        if match is None:
            raise Mistake(f"the requirement {text!r} cannot be read: write it like sqlalchemy[asyncio]>=2.0")
        return cls(match["name"].lower().replace("_", "-"), match["extras"] or "", match["bounds"].strip())


@cache
def usual_lines(root: Path) -> tuple[str, ...]:
    """The release lines that concern every snippet of a project which uses the package."""
    settings = root / "pyproject.toml"
    text = settings.read_text() if settings.is_file() else ""
    return tuple(tomllib.loads(text).get("tool", {}).get("greenlit", {}).get("lines", ()))


def _allows(bounds: str, line: str) -> bool:
    """Does a requirement leave room for the newest release of a line, such as `0.117.*`?"""
    from packaging.specifiers import SpecifierSet  # Not above: the environment of a release line may lack it.

    return SpecifierSet(bounds).contains(line.replace("*", "9999"), prereleases=True)


@dataclass(frozen=True)
class Section:
    name: str
    start: int
    """The line of the start marker, counted from 1: the section's first line is the next one."""
    end: int
    text: str
    """Its lines, dedented, without the blank lines at either end."""
    skipped: int
    """How many blank lines were taken off the top."""

    @property
    def output(self) -> list[str]:
        """What its prints printed, one row a line."""
        return _output(self.text)

    def line_in_section(self, line: int) -> int:
        """The place of a line of the file among the lines that the page shows."""
        return line - self.start - self.skipped

    def __contains__(self, line: int) -> bool:
        return self.start < line < self.end


@dataclass(frozen=True)
class Snippet:
    folder: Path
    """The folder of all snippets, from which they are named."""
    path: Path
    source: str

    @classmethod
    def load(cls, folder: Path, name: str) -> Snippet:
        """Load `expiry/read_after_commit/read`; a fault in the file or in the name is a Mistake."""
        path = folder / f"{name}.py"
        if not path.is_file():
            near = sorted(folder.rglob(path.name))
            known = near[0].relative_to(folder).with_suffix("").as_posix() if near else ""
            hint = f"did you mean {known}?" if near else "create it, or correct the name"
            raise Mistake(f"snippets/{name}.py does not exist: {hint}")
        return _kept(folder, path, path.read_text())

    def beside(self, name: str) -> Snippet:
        """Another snippet of the same project."""
        return Snippet.load(self.folder, name)

    @cached_property
    def name(self) -> str:
        return self.path.relative_to(self.folder).with_suffix("").as_posix()

    @property
    def shown_path(self) -> str:
        return f"snippets/{self.name}.py"

    @property
    def shown_ledger(self) -> str:
        return f"snippets/{self.name}.ledger"

    @property
    def is_runnable(self) -> bool:
        """A module of the toolkit is for copying: run alone, it does nothing."""
        return not self.name.startswith("toolkit/")

    @property
    def ledger_path(self) -> Path:
        return self.path.with_suffix(".ledger")

    # The header -----------------------------------------------------------------------------

    @cached_property
    def header(self) -> list[str]:
        """The comment lines that the file begins with."""
        lines = self.source.splitlines()
        end = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
        return lines[:end]

    @cached_property
    def declarations(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.header:
            if match := DECLARATION.match(line):
                found[match["key"]] = match["value"].strip()
            elif found and re.match(r"^#   +\S", line):  # A declaration goes on, indented.
                found[list(found)[-1]] += " " + line.lstrip("# ")
        return found

    @property
    def is_claims(self) -> bool:
        """It says what holds, which may differ from driver to driver: its ledger keeps what it prints."""
        return self.path.stem == CLAIMS

    @property
    def breaks(self) -> bool:
        return self.path.stem.endswith(BREAKS)

    @property
    def raises(self) -> list[str]:
        """The exceptions, with their modules, of which every run must raise one."""
        return re.split(r",\s*", self.declarations["raises"]) if "raises" in self.declarations else []

    @property
    def breaks_by_value(self) -> bool:
        """Of a twin: no library reports its harm, an assertion or a printed value shows it."""
        return self.raises in ([], ["AssertionError"])

    @property
    def drivers(self) -> list[str]:
        """The drivers on which this runs: all of them, unless the header says which and why."""
        if "drivers" not in self.declarations:
            return list(DRIVERS)
        stated, _, _ = self.declarations["drivers"].partition("(")
        return re.split(r",\s*", stated.strip())

    @property
    def needs(self) -> str:
        """The real part that it needs beside a database: see `alone.NEEDS`."""
        return self.declarations.get("needs", "")

    @cached_property
    def releases(self) -> list[str]:
        """The release lines on which this is also recorded, such as `fastapi==0.117.*`: the project's, and its own."""
        usual = [line for line in usual_lines(self.folder.parent) if not self.why_not_on(line)]
        return list(dict.fromkeys([*usual, *self.own_lines]))

    @property
    def own_lines(self) -> list[str]:
        """The release lines that this asks for beside the project's."""
        return re.split(r",\s*", self.declarations["also"]) if "also" in self.declarations else []

    @property
    def without(self) -> tuple[list[str], str]:
        """The lines of the project on which this cannot run, and the reason."""
        stated, _, reason = self.declarations.get("without", "").partition("(")
        return re.split(r",\s*", stated.strip()) if stated else [], reason.removesuffix(")")

    def why_not_on(self, line: str) -> str:
        """Why this is not recorded on a line of the project, or nothing."""
        package, _, version = line.partition("==")
        need = next((need for need in self.requirements if need.package == package), None)
        if need is None or line in self.without[0]:
            return self.without[1] or f"does not use {package}"
        return "" if _allows(need.bounds, version) else f"asks for {package}{need.bounds}"

    @property
    def twin(self) -> str | None:
        """The name of the broken file that this one heals."""
        if self.breaks:
            return None
        if "twin" in self.declarations:
            return self.declarations["twin"]
        beside = self.path.with_name(f"{self.path.stem}{BREAKS}.py")
        return f"{self.name}{BREAKS}" if beside.is_file() else None

    @cached_property
    def dependencies(self) -> list[str]:
        match = METADATA.search(self.source)
        if match is None:
            raise Mistake(
                f"{self.shown_path}:1: no inline script metadata: begin the file with '# /// script'"
            )
        body = "".join(line.removeprefix("#").removeprefix(" ") for line in match["body"].splitlines(True))
        try:
            return list(tomllib.loads(body)["dependencies"])
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise Mistake(f"{self.shown_path}:1: the script metadata cannot be read: {error}") from None

    @cached_property
    def requirements(self) -> list[Requirement]:
        return [Requirement.parse(text) for text in self.dependencies]

    @cached_property
    def output(self) -> list[str]:
        """What it prints with the locked versions: every run compares it."""
        return _output(self.source)

    # The sections ---------------------------------------------------------------------------

    @cached_property
    def sections(self) -> dict[str, Section]:
        """All sections by name, in order. A marker without its partner is a Mistake."""
        lines = self.source.splitlines()
        found: dict[str, Section] = {}
        opened: tuple[str, int] | None = None
        for number, line in enumerate(lines, 1):
            match = MARKER.match(line)
            if match is None:
                if LOOKS_LIKE_MARKER.search(line):
                    self._reject(
                        number, "this looks like a marker but is none: write '# --8<-- [start:words]'"
                    )
                continue
            name = match["name"]
            if match["edge"] == "start":
                if opened:
                    self._reject(number, f"section '{name}' begins inside '{opened[0]}': end that one first")
                if name in found:
                    self._reject(number, f"there is a section '{name}' already: choose another name")
                opened = (name, number)
            elif opened is None or opened[0] != name:
                self._reject(
                    number, f"section '{name}' ends but was not begun: add '# --8<-- [start:{name}]'"
                )
            else:
                found[name] = self._section(name, opened[1], number, lines)
                opened = None
        if opened:
            self._reject(opened[1], f"section '{opened[0]}' is never ended: add '# --8<-- [end:{opened[0]}]'")
        return found

    def section(self, name: str) -> Section:
        if name not in self.sections:
            there = ", ".join(self.sections) or "none"
            raise Mistake(f"{self.shown_path} has no section '{name}': it has {there}")
        return self.sections[name]

    def section_of(self, line: int) -> Section | None:
        return next((section for section in self.sections.values() if line in section), None)

    def _section(self, name: str, start: int, end: int, lines: list[str]) -> Section:
        inside = lines[start : end - 1]
        if not any(line.strip() for line in inside):
            self._reject(start, f"section '{name}' is empty: put code into it or take its markers out")
        skipped = next(i for i, line in enumerate(inside) if line.strip())
        text = textwrap.dedent("\n".join(inside)).strip("\n")
        return Section(name, start, end, text, skipped)

    def _reject(self, line: int, why: str) -> None:
        raise Mistake(f"{self.shown_path}:{line}: {why}")


def _output(text: str) -> list[str]:
    return [match["text"] for line in text.splitlines() if (match := OUTPUT.match(line))]


_kept = lru_cache(4096)(Snippet)
"""What is found in a file is found once, as long as it stays as it is."""
