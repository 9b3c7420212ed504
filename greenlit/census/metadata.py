"""What a snippet asks for: all that it needs, nothing else, in versions that are there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from greenlit import DRIVERS
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.snippet import Snippet

_COMES_WITH = {
    "pydantic": {"fastapi", "sqlmodel", "pydantic"},
    "starlette": {"fastapi", "starlette"},
    "greenlet": {"sqlalchemy"},
    "kombu": {"celery", "kombu"},
    "opentelemetry": {"opentelemetry-sdk"},
}
"""Modules that a package of another name brings."""

_WORKS_BEHIND = {
    "httpx": r"TestClient",
    "pytest-asyncio": r"pytest",
    "sqlalchemy": r"alembic",
    "opentelemetry-sdk": r"opentelemetry\.sdk",
    "opentelemetry-instrumentation-sqlalchemy": r"opentelemetry\.instrumentation\.sqlalchemy",
}
"""Packages that are used without being imported under their own name, and what shows it."""

_SINCE = {
    "fastapi": [(r"Depends\([^()]*scope=", "0.121")],
}
"""What a release brought: a lower bound below it promises what does not run."""


@rule
def every_snippet_runs_alone(survey: Survey) -> Iterator[str]:
    """It imports nothing of the project and nothing that its metadata does not ask for."""
    for snippet in survey.sound:
        asked = {need.package for need in snippet.requirements}
        for line, module in _imports(survey.nodes(snippet)):
            root = module.split(".")[0]
            package = root.replace("_", "-")
            if root in sys.stdlib_module_names or (package in asked and root not in _COMES_WITH):
                continue
            if root not in _COMES_WITH:
                yield (
                    f"{snippet.shown_path}:{line}: imports {module or '.'}, which its metadata does not ask "
                    "for: add the package to its dependencies, or do without"
                )
            elif not asked & _COMES_WITH[root]:
                yield f"{snippet.shown_path}:{line}: imports {root}: add it to its dependencies"


def _imports(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else node.module or ""


@rule
def every_driver_comes_with_the_file(survey: Survey) -> Iterator[str]:
    """SQLAlchemy with greenlet, and the package of each driver that `DATABASE_URL` may name."""
    for snippet in survey.sound:
        asked = {need.package: need for need in snippet.requirements}
        asyncio = re.search(r"^\s*(from|import) sqlalchemy\.ext\.asyncio\b", snippet.source, re.MULTILINE)
        if asyncio and "asyncio" not in (asked["sqlalchemy"].extras if "sqlalchemy" in asked else ""):
            yield f"{snippet.shown_path}:1: uses sqlalchemy.ext.asyncio: ask for sqlalchemy[asyncio], which brings greenlet"
        for driver in snippet.drivers if re.search(r"environ.*DATABASE_URL", snippet.source) else ():
            if driver not in asked:
                yield f"{snippet.shown_path}:1: claims {driver} and does not ask for it: add it to its dependencies"


@rule
def no_dependency_is_unused(survey: Survey) -> Iterator[str]:
    """A driver is used by its name in a URL: which of them are asked for is the rule above."""
    for snippet in survey.sound:
        for need in snippet.requirements:
            words = [re.escape(need.package), re.escape(need.package.replace("-", "_"))]
            words.append(_WORKS_BEHIND.get(need.package, words[0]))
            used = re.search(rf"\b({'|'.join(words)})\b", _code(snippet))
            if not used and need.package not in DRIVERS:
                yield f"{snippet.shown_path}:1: asks for {need.package} and does not use it: take it out"


@rule
def every_bound_allows_what_was_proven(survey: Survey) -> Iterator[str]:
    """The versions of the lock, the release lines on which it ran to its end, and nothing older than what it uses."""
    for snippet in survey.sound:
        for need in snippet.requirements:
            bounds = SpecifierSet(need.bounds)
            where = f"{snippet.shown_path}:1: {need.package}{need.bounds}"
            locked = survey.project.locked.get(need.package)
            if locked and not bounds.contains(locked, prereleases=True):
                yield f"{where} excludes {locked}, which the lock has and every run is made on: correct the bound"
            for version in sorted(_ran_on(survey, snippet, need.package)):
                if not bounds.contains(version, prereleases=True):
                    yield f"{where} excludes {version}, on which it ran to its end: correct the bound"
            for least in _uses(snippet, need.package):
                if any(Version(bound.version) < Version(least) for bound in bounds if bound.operator == ">="):
                    yield f"{where} is too low: what the file uses came with {least}: write {need.package}>={least}"


def _ran_on(survey: Survey, snippet: Snippet, package: str) -> set[str]:
    """Its versions in the runs of older release lines that raised nothing."""
    runs = [run for run in survey.record(snippet).runs if run.release and not run.raised]
    return {version for run in runs for name, version in run.proven.items() if name.lower() == package}


def _uses(snippet: Snippet, package: str) -> Iterator[str]:
    yield from (least for pattern, least in _SINCE.get(package, ()) if re.search(pattern, snippet.source))


def _code(snippet: Snippet) -> str:
    return "\n".join(snippet.source.splitlines()[len(snippet.header) :])
