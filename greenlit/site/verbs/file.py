"""A file of the reference application, or one name in it, and nothing else."""

from __future__ import annotations

import ast
import textwrap
import xml.etree.ElementTree as etree
from pathlib import Path

from greenlit import Mistake
from greenlit.project import SHOP, Project
from greenlit.site.markup import code
from greenlit.site.page import Page

EXAMPLE = "app/database.py#make_engine"
TARGET = "app/file.py#name"


def check(project: Project, target: str) -> None:
    text(*found(project, target))


def render(page: Page, target: str) -> etree.Element:
    path, name = found(page.project, target)
    box = etree.Element("div", {"class": "gl"})
    shown = etree.SubElement(box, "div", {"class": "language-python highlight no-copy"})
    title = etree.SubElement(shown, "span", {"class": "filename"})
    inside = path.relative_to(page.project.snippets / SHOP).as_posix()
    etree.SubElement(title, "a", {"href": f"/{page.project.shown(path)}"}).text = f"shop/{inside}"
    page.add(title, code.copy_button("this code"))
    page.add(shown, code.file(text(path, name), path.name))
    return box


def found(project: Project, target: str) -> tuple[Path, str]:
    inside, _, name = target.partition("#")
    path = project.snippets / SHOP / inside
    if not inside or not path.is_file():
        raise Mistake(
            f"snippets/{SHOP}/{inside} is not there: name a file of the application, such as {EXAMPLE}"
        )
    if name and path.suffix != ".py":
        raise Mistake(f"{project.shown(path)} is not Python: show the whole of it, without '#{name}'")
    return path, name


def text(path: Path, name: str) -> str:
    """The file, or those of its statements that make one of the names: `#State, create_app`."""
    source = path.read_text()
    if not name:
        return source.strip("\n")
    lines, wanted = source.splitlines(), [part.strip() for part in name.split(",")]
    tops = {made: node for node in ast.parse(source).body for made in _made(node)}
    for one in wanted:
        if one not in tops:
            raise Mistake(f"{path.name} makes no '{one}': there are {', '.join(tops)}")
    return "\n\n\n".join(textwrap.dedent("\n".join(_lines(lines, tops[one]))) for one in wanted)


def _made(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def _lines(lines: list[str], node: ast.stmt) -> list[str]:
    """With its decorators, and with the comment above it."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return lines[first : node.end_lineno]
