"""The house: what may import what, and how long a file and a function may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenlit.project import HERE

FLOORS = (
    {"greenlit"},
    {"greenlit.snippet", "greenlit.normalise"},
    {"greenlit.record", "greenlit.project", "greenlit.unmarked"},
    {"greenlit.difference"},
    {"greenlit.error_index", "greenlit.alone", "greenlit.claim"},
    {"greenlit.playground"},
    {
        "greenlit.proof",
        "greenlit.site",
        "greenlit.doctor",
        "greenlit.calculator",
        "greenlit.new",
        "greenlit.templates",
    },
    {"greenlit.census", "greenlit.gate"},
)
"""From the bottom up. A module imports what lies below it, and its own room: no room imports another."""

LONGEST_FILE = 300
LONGEST_FUNCTION = 40

LONGER: dict[str, str] = {
    "greenlit/doctor/terminal.py": "one file that a reader fetches and runs: it imports nothing of this project",
    "tests/toolkit/": "one file of tests for each file that readers copy: see CONTRIBUTING.md",
}
"""Folders and files that may have more lines, and why."""

MODULES = sorted((HERE.root / "greenlit").rglob("*.py"))
FILES = [*MODULES, *sorted((HERE.root / "tests").rglob("*.py"))]


def test_imports_lead_downwards() -> None:
    _reject(problem for path in MODULES for problem in _upward_imports(path))


def _upward_imports(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    mine = _place(".".join(path.relative_to(HERE.root).with_suffix("").parts).removesuffix(".__init__"))
    command = any(isinstance(node, ast.If) and "__main__" in ast.unparse(node.test) for node in tree.body)
    for line, module in _imports(tree):
        theirs = _place(module)
        allowed = theirs == mine or _floor(theirs) < _floor(mine) or (command and theirs == "greenlit.census")
        if not allowed:
            yield (
                f"{HERE.shown(path)}:{line}: {mine} imports {theirs}, which lies beside or above it: "
                "move what both need further down"
            )


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The modules of ours that it imports, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "greenlit":
            names = [f"greenlit.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from ((node.lineno, name) for name in names if name.partition(".")[0] == "greenlit")


def _place(module: str) -> str:
    """The room of a module, or itself; a name that `greenlit` itself defines is in `greenlit`."""
    name = ".".join(module.split(".")[:2])
    return name if any(name in floor for floor in FLOORS) else _known(name)


def _known(name: str) -> str:
    module = HERE.root / Path(*name.split("."))
    assert not module.is_dir() and not module.with_suffix(".py").is_file(), (
        f"{name} has no place in the house: add it to FLOORS in tests/test_house.py"
    )
    return "greenlit"


def _floor(place: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if place in floor)


def test_files_and_functions_are_short() -> None:
    _reject(problem for path in FILES for problem in _too_long(path))


def _too_long(path: Path) -> Iterator[str]:
    shown, text = HERE.shown(path), path.read_text()
    if any(shown.startswith(longer) for longer in LONGER):
        return
    lines = len(text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{shown}:1: {lines} lines, and {LONGEST_FILE} are the most: split it by subject"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield (
                    f"{shown}:{node.lineno}: {node.name}() has {length} lines, and {LONGEST_FUNCTION} are the most: "
                    "give its parts names of their own"
                )


def test_every_exception_is_needed() -> None:
    for longer in LONGER:
        lengths = [
            len(path.read_text().splitlines()) for path in FILES if HERE.shown(path).startswith(longer)
        ]
        assert max(lengths, default=0) > LONGEST_FILE, (
            f"tests/test_house.py: {longer} is not longer any more: strike it"
        )


def _reject(problems: Iterator[str]) -> None:
    if found := list(problems):
        pytest.fail("\n".join(found), pytrace=False)
