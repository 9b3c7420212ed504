"""CONTRIBUTING.md, README.md, the picture of the house and `make help` name what there is, and nothing else."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import fields

import pytest

from greenlit.alone import NEEDS
from greenlit.error_index import ErrorPage
from greenlit.project import HERE
from greenlit.site.verbs import VERBS
from greenlit.snippet import DECLARATION

HOUSE = HERE.root / "greenlit"
GUIDE = (HERE.root / "CONTRIBUTING.md").read_text()
PICTURE = (HERE.root / ".github" / "house.svg").read_text()
MAKEFILE = (HERE.root / "Makefile").read_text()

DECLARED = set(DECLARATION.pattern.partition("(?P<key>")[2].partition(")")[0].split("|"))
ERROR_KEYS = {field.name for field in fields(ErrorPage)} - {"project", "path", "title"}


def rows(heading: str) -> list[str]:
    """The first cells of the table whose header begins so."""
    table = GUIDE.partition(f"\n| {heading}")[2].partition("\n\n")[0]
    return [row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()[2:]]


def named(heading: str) -> list[str]:
    """What stands as code in the first cells of a table."""
    return [word for cell in rows(heading) for word in re.findall(r"`([^`]+)`", cell)]


def same(what: str, described: set[str], there: set[str]) -> None:
    assert not there - described, f"CONTRIBUTING.md does not describe, of {what}: {sorted(there - described)}"
    assert not described - there, (
        f"CONTRIBUTING.md describes, of {what}, what is not there: {sorted(described - there)}"
    )


def test_every_directive_is_described() -> None:
    listed = re.findall(r"@([a-z]+)", GUIDE.partition("```text\n@snippet")[2].partition("```")[0])
    same("the directives", {"snippet", *listed}, set(VERBS))


def test_every_declaration_is_described() -> None:
    lines = [line.removeprefix("# ") for line in named("line |")]
    same("the declarations", {line.partition(":")[0] for line in lines}, DECLARED)
    needs = {line.removeprefix("needs: ") for line in lines if line.startswith("needs: ")}
    same("what a snippet may need", needs, set(NEEDS))


def test_every_key_of_an_error_page_is_described() -> None:
    same("the keys of an error page", set(named("key below")), ERROR_KEYS)


# The house ------------------------------------------------------------------------------------


def modules() -> list[str]:
    """Every file below greenlit/ with code in it."""
    files = [path for end in ("py", "mjs") for path in HOUSE.rglob(f"*.{end}") if path.stat().st_size]
    return sorted(path.relative_to(HOUSE).as_posix() for path in files if path != HOUSE / "__init__.py")


def test_every_module_is_on_the_map() -> None:
    """By itself, or by the folder that it is in."""
    listed = named("in `greenlit/` |")
    gone = [name for name in listed if not (HOUSE / name).exists()]
    assert not gone, f"CONTRIBUTING.md, the table of greenlit/: these are gone: {', '.join(gone)}"
    folders = tuple(name for name in listed if name.endswith("/"))
    lacking = [name for name in modules() if name not in listed and not name.startswith(folders)]
    table = "\n".join(f"| `{name}` | {first_line(name)} |" for name in lacking)
    assert not lacking, (
        f"CONTRIBUTING.md, the table of greenlit/ lacks a row, or a row for the folder:\n{table}"
    )


def first_line(name: str) -> str:
    source = (HOUSE / name).read_text()
    said = ast.get_docstring(ast.parse(source)) if name.endswith(".py") else source.lstrip("/ ")
    return (said or "").partition("\n")[0]


def test_the_picture_names_every_room() -> None:
    words = re.findall(r">([^<>]+)<", PICTURE)
    drawn = {word.removeprefix("greenlit/").rstrip("/") for line in words for word in line.split(", ")}
    there = {entry.name for entry in HOUSE.iterdir() if not entry.name.startswith("_")}
    assert not there - drawn, f".github/house.svg does not show {', '.join(sorted(there - drawn))}: draw it"
    files = {word for word in drawn if re.fullmatch(r"\w+\.py", word) and not word.startswith("idea")}
    assert not files - there, f".github/house.svg shows {', '.join(sorted(files - there))}: that is gone"


@pytest.mark.parametrize("arrow", re.findall(r'data-import="(\w+ \w+)"', PICTURE))
def test_an_arrow_of_the_picture_is_an_import(arrow: str) -> None:
    user, used = arrow.split()
    code = HOUSE / f"{user}.py"
    files = [code] if code.is_file() else sorted((HOUSE / user).rglob("*.py"))
    wanted = rf"^from greenlit(\.{used}\b| import .*\b{used}\b)"
    assert any(re.search(wanted, file.read_text(), re.MULTILINE) for file in files), (
        f".github/house.svg: greenlit/{user} imports nothing of greenlit/{used}: draw it another way"
    )


# The verbs ------------------------------------------------------------------------------------


def test_make_alone_explains_every_verb() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=HERE.root, capture_output=True, text=True, check=True
    )
    explained = re.findall(r"make ([a-z]+) +\S", done.stdout)
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony is not None
    assert explained[:2] == ["serve", "test"]
    assert sorted(explained) == sorted(set(phony[1].split()) - {"help"})
    assert len(done.stdout.splitlines()) <= 23
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_a_verb_that_is_named_exists(page: str) -> None:
    verbs = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    named = set(re.findall(r"(?:`|^|= )make ([a-z]+)", (HERE.root / page).read_text(), re.MULTILINE))
    assert named and not named - verbs, f"{page}: there is no make {', '.join(sorted(named - verbs))}"
