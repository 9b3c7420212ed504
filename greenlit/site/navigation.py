"""The navigation in mkdocs.yml, held to the pages: all of them, short labels, and the errors as their front matter orders them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

from greenlit.error_index import groups
from greenlit.project import LONGEST_LABEL, Project

EVERY_ERROR = "Every error"
"""The entry below which the errors stand, by layer and then by rank."""


def problems(project: Project) -> Iterator[str]:
    source = (project.root / "mkdocs.yml").read_text()
    navigation = yaml_load(source)["nav"]
    listed = dict(_labelled(navigation))
    for page in project.pages():
        name = _name(project, page)
        if name not in listed:
            yield f"{project.shown(page)}:1: the navigation does not have it: add '- Label: {name}' below 'nav:' in mkdocs.yml"
        elif len(label := listed[name] or _title(page)) > LONGEST_LABEL:
            yield (
                f"mkdocs.yml:{_line(source, name)}: '{label}' has {len(label)} characters: "
                f"write '- Label: {name}', with a label of at most {LONGEST_LABEL}"
            )
    yield from _misplaced_errors(project, source, _below(navigation, EVERY_ERROR) or [])


def _misplaced_errors(project: Project, source: str, found: list[Any]) -> Iterator[str]:
    by_layer = {heading: list(pages_of(entries)) for group in found for heading, entries in group.items()}
    wanted = {
        heading: [_name(project, page.path) for page in pages] for heading, pages in groups(project, "layer")
    }
    wanted = {heading: names for heading, names in wanted.items() if names}
    if list(by_layer) != list(wanted):
        yield (
            f"mkdocs.yml:{_line(source, EVERY_ERROR)}: below '{EVERY_ERROR}' stand {', '.join(by_layer)}: "
            f"write {', '.join(wanted)}, as LAYERS in greenlit/error_index.py has them"
        )
    for heading, names in wanted.items():
        there = by_layer.get(heading, [])
        if sorted(there) == sorted(names) and there != names:
            at = next(place for place, (a, b) in enumerate(zip(there, names, strict=True)) if a != b)
            yield (
                f"mkdocs.yml:{_line(source, there[at])}: the page of this place is {names[at]}: "
                "order the errors of a layer by 'rank' in their front matter"
            )
        for name in sorted(set(there) - set(names)):
            yield f"mkdocs.yml:{_line(source, name)}: its front matter has another layer than '{heading}': move it there"


def labels(project: Project) -> dict[str, str]:
    """What the navigation calls each page, by its path below `docs/`."""
    return _labels((project.root / "mkdocs.yml").read_text())


@cache
def _labels(source: str) -> dict[str, str]:
    return {page: label for page, label in _labelled(yaml_load(source)["nav"]) if label}


def _labelled(entries: Any, label: str = "") -> Iterator[tuple[str, str]]:
    """Each page, and its label if it has one."""
    if isinstance(entries, str):
        yield entries, label
    for entry in entries if isinstance(entries, list) else []:
        yield from _labelled(entry)
    for name, entry in entries.items() if isinstance(entries, dict) else []:
        yield from _labelled(entry, name)


def pages_of(entries: Any) -> Iterator[str]:
    return (page for page, _ in _labelled(entries))


def _title(page: Path) -> str:
    match = re.search(r"^# (.+)$", page.read_text(), re.MULTILINE)
    return match[1] if match else page.stem


def _below(entries: Any, title: str) -> Any:
    """What stands below a title, at whatever depth."""
    if isinstance(entries, dict):
        return entries.get(title) or next(filter(None, (_below(e, title) for e in entries.values())), None)
    if isinstance(entries, list):
        return next(filter(None, (_below(entry, title) for entry in entries)), None)
    return None


def _name(project: Project, path: Path) -> str:
    return path.relative_to(project.docs).as_posix()


def _line(source: str, text: str) -> int:
    lines = source.splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)
