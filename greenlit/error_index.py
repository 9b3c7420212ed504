"""The error index: what the pages of errors say of themselves, for lists, the doctor and the census."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from greenlit import DRIVERS, Mistake
from greenlit.difference import fix_rows
from greenlit.project import Project

LAYERS = {
    "ORM": "SQLAlchemy's ORM",
    "engine and pool": "SQLAlchemy's engine and pool",
    "driver and SQL": "The driver and SQL",
    "database server": "The database server",
    "event loop": "The event loop",
    "FastAPI and pydantic": "FastAPI and pydantic",
    "tests and migrations": "Tests and migrations",
    "Python": "Python",
}
MOST_COMMON = 10
SYMPTOMS = {
    "500": "A 500 with a traceback",
    "start": "The application does not start",
    "production": "Works in tests, fails in production",
    "tests": "Fails in tests only",
    "load": "Fails only under load",
    "later": "Runs for hours, then fails",
    "hangs": "Hangs or waits",
    "shutdown": "Complains at exit",
    "silent": "Nothing is raised, but…",
    "row-missing": "The row is missing",
    "stale": "The value is old",
    "empty": "The response is empty or incomplete",
}


@dataclass(frozen=True)
class ErrorPage:
    """The front matter of a page, below `error:`."""

    project: Project
    path: Path
    title: str
    rank: int
    layer: str
    symptoms: list[str]
    drivers: list[str]
    cause: str
    fix: str = ""
    code: str = ""
    classes: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    decisive: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    common: list[str] = field(default_factory=list)
    shared: bool | str = (
        False  # True: Python's own words; "database": what other stacks get from a server too
    )

    @property
    def slug(self) -> str:
        return self.path.stem

    @cached_property
    def silent(self) -> bool:
        return bool({"silent", "hangs", "row-missing", "stale", "empty"} & set(self.symptoms))

    @classmethod
    def load(cls, project: Project, path: Path) -> ErrorPage | None:
        """None for a page of the folder that is no error's: an overview."""
        match = re.match(r"---\n(?P<front>.*?)\n---\n(?P<body>.*)", path.read_text(), re.DOTALL)
        where = project.shown(path)
        try:
            front = front_matter(match["front"]) if match else None
        except yaml.YAMLError as error:
            raise Mistake(f"{where}:1: its front matter is no YAML: {error}") from None
        if match is None or not isinstance(front, dict) or "error" not in front:
            return None
        said: dict[str, Any] = dict(front["error"])
        unknown = said.keys() - {f.name for f in fields(cls)}
        lacking = {"rank", "layer", "symptoms", "drivers", "cause"} - said.keys()
        if unknown or lacking:
            what = (
                f"unknown: {', '.join(sorted(unknown))}"
                if unknown
                else f"missing: {', '.join(sorted(lacking))}"
            )
            raise Mistake(f"{where}:1: below 'error:' in its front matter, {what}")
        title = re.search(r"^# (.+)$", match["body"], re.MULTILINE)
        said["symptoms"] = [str(symptom) for symptom in said["symptoms"]]
        return cls(project=project, path=path, title=title[1] if title else path.stem, **said)

    @classmethod
    def find(cls, project: Project, slug: str) -> ErrorPage:
        path = project.error_pages / f"{slug}.md"
        page = cls.load(project, path) if path.is_file() else None
        if page is None:
            raise Mistake(
                f"docs/guides/errors/{slug}.md is no error page: write 'error:' into its front matter"
            )
        return page

    def problems(self) -> Iterator[str]:
        where = self.project.shown(self.path)
        if self.layer not in LAYERS:
            yield f"{where}:1: layer '{self.layer}': there are {', '.join(LAYERS)}"
        for symptom in self.symptoms:
            if symptom not in SYMPTOMS:
                yield f"{where}:1: symptom '{symptom}': there are {', '.join(SYMPTOMS)}"
        if self.shared not in (True, False, "database"):
            yield f"{where}:1: shared '{self.shared}': it is true, or database"
        for driver in self.drivers:
            if driver not in DRIVERS:
                yield f"{where}:1: driver '{driver}': there are {', '.join(DRIVERS)}"
        if not (self.says or self.reported or self.common or self.silent):
            yield f"{where}:1: nothing tells this error: write its message into 'says:'"
        for signal in [
            *self.says,
            *self.reported,
            *self.common,
            *self.decisive,
            *self.hints,
            *self.unlike,
            *self.never,
            *self.asked,
        ]:
            if not str(signal).isascii() or not str(signal).replace("*", "").strip():
                yield f"{where}:1: the signal {signal!r}: write a few words of ASCII"
        if self.fix:
            try:
                if self.project.snippet(self.fix).twin is None:
                    yield f"{where}:1: fix: {self.fix} has no broken twin"
            except Mistake as mistake:
                yield f"{where}:1: fix: {mistake}"


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is not in every build of PyYAML."""


@cache
def front_matter(text: str) -> Any:
    """Four overviews and the catalogue ask for all of it, in each build."""
    return yaml.load(text, LOADER)


def error_pages(project: Project) -> list[ErrorPage]:
    """All of them, in the order in which users meet them."""
    loaded = [ErrorPage.load(project, path) for path in sorted(project.error_pages.glob("*.md"))]
    return sorted((page for page in loaded if page), key=lambda page: (page.rank, page.slug))


def groups(project: Project, by: str) -> Iterator[tuple[str, list[ErrorPage]]]:
    """The pages below the headings of an overview."""
    pages = error_pages(project)
    if by == "rank":
        yield "", pages
    elif by == "common":
        yield "", pages[:MOST_COMMON]
    elif by == "symptom":
        for symptom, heading in SYMPTOMS.items():
            yield heading, [page for page in pages if symptom in page.symptoms]
    elif by == "layer":
        for layer, heading in LAYERS.items():
            yield heading, [page for page in pages if page.layer == layer]
    elif by == "driver":
        every = [page for page in pages if len(page.drivers) == len(DRIVERS)]
        for driver in DRIVERS:
            yield f"Only with {driver}", [page for page in pages if page.drivers == [driver]]
        for driver in DRIVERS:
            others = [
                page for page in pages if len(page.drivers) == len(DRIVERS) - 1 and driver not in page.drivers
            ]
            yield f"Not with {driver}", others
        yield "With all three", every
    else:
        raise Mistake(f"there is no order '{by}': there are rank, common, symptom, layer and driver")


# The catalogue ----------------------------------------------------------------------------------


def catalogue(project: Project) -> list[dict[str, Any]]:
    """What the doctor knows, plain enough for a reader's own tools."""
    return [_entry(page) for page in error_pages(project)]


def _entry(page: ErrorPage) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "slug": page.slug,
        "title": page.title.replace("`", ""),
        "rank": page.rank,
        "cause": re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", " ".join(page.cause.split())),
        "says": [*page.says, *page.reported],
        "common": page.common,
        "decisive": page.decisive,
        "hints": page.hints,
        "unlike": page.unlike,
        "never": page.never,
        "asked": page.asked,
        "classes": page.classes,
        "layer": page.layer,
        "symptoms": page.symptoms,
        "drivers": page.drivers,
        "code": page.code,
        "shared": page.shared,
        "silent": page.silent,
    }
    if page.fix:
        fix = page.project.snippet(page.fix)
        assert fix.twin is not None
        entry["fix"] = {"file": fix.shown_path, "rows": fix_rows(fix.beside(fix.twin), fix, context=1)}
    return {key: value for key, value in entry.items() if value not in ([], "", False)}
