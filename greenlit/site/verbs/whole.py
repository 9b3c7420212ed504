"""Sections of a file in one block, with the imports and all else that they need from it: to copy whole."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as etree
from collections.abc import Iterator

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site.markup.code import block, copy_button
from greenlit.site.page import Page
from greenlit.snippet import Snippet

EXAMPLE = "lifecycle/setup/smallest#lifespan, dependency"
TARGET = "guide/page/idea#some, sections"


def check(project: Project, target: str) -> None:
    _found(project, target)


def render(page: Page, target: str) -> etree.Element:
    snippet, sections = _found(page.project, target)
    box = etree.Element("div", {"class": "gl"})
    shown = etree.SubElement(box, "div", {"class": "language-python highlight no-copy"})
    title = etree.SubElement(shown, "span", {"class": "filename"})
    etree.SubElement(title, "a", {"href": f"/{snippet.shown_path}"}).text = snippet.shown_path
    page.add(title, copy_button("this code"))
    page.add(shown, block(needed(snippet, sections)))
    return box


def _found(project: Project, target: str) -> tuple[Snippet, list[str]]:
    name, _, names = target.partition("#")
    sections = [section.strip() for section in names.split(",") if section.strip()]
    if not sections:
        raise Mistake(f"name sections: {TARGET}")
    snippet = project.snippet(name)
    for section in sections:
        snippet.section(section)
    return snippet, sections


def needed(snippet: Snippet, sections: list[str]) -> str:
    """The statements of these sections, and those above them whose names they use, in the order of the file."""
    text = snippet.source
    body = ast.parse(text).body
    wanted = [node for node in body if any(node.lineno in snippet.section(name) for name in sections)]
    used = set[str]()
    while True:
        used |= {name for node in wanted for name in _uses(node)}
        more = [node for node in body if node not in wanted and used & set(_makes(node))]
        if not more:
            break
        wanted += more
    return _joined(text.splitlines(), [node for node in body if node in wanted], used)


def _uses(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, ast.Import | ast.ImportFrom):
        yield from (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def _makes(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _joined(lines: list[str], nodes: list[ast.stmt], used: set[str]) -> str:
    """Two empty lines around a function or a class; elsewhere one, if the file has some there."""
    made, end, before = "", 0, False
    for node in nodes:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        apart = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        gap = 2 if apart or before else int("" in lines[end:first])
        whole = "\n".join(lines[first : node.end_lineno])
        made += ("\n" * (gap + 1) if made else "") + (_fewer(node, used) or whole)
        end, before = node.end_lineno or 0, apart
    return made


def _fewer(node: ast.stmt, used: set[str]) -> str:
    """Of an import, what is used, where that is less than all."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return ""
    names = [alias for alias in node.names if (alias.asname or alias.name).partition(".")[0] in used]
    if len(names) == len(node.names):
        return ""
    fewer = (
        ast.Import(names) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, names, node.level)
    )
    return ast.unparse(fewer)
