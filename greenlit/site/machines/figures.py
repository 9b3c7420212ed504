"""The directives as Markdown. One that is not here is shown as the words of its HTML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections.abc import Callable
from dataclasses import dataclass, field

from markdown import Markdown

from greenlit import DRIVERS
from greenlit.alone import run_command
from greenlit.claim import listed, releases_of
from greenlit.difference import fix_rows
from greenlit.error_index import ErrorPage
from greenlit.project import Project
from greenlit.record import Record
from greenlit.site import targets, verbs
from greenlit.site.machines import ledger, words
from greenlit.site.page import Page
from greenlit.site.verbs import chart, file, table


@dataclass
class Sheet:
    """One page while it becomes Markdown."""

    project: Project
    base: str
    """The address of the site."""
    url: str
    """And of the page."""
    references: dict[str, str] = field(default_factory=dict)
    """`[label]: target`, by the label in lower case."""
    commands: set[str] = field(default_factory=set)
    """The broken twins whose command is there already."""
    proven: dict[str, str] = field(default_factory=dict)
    """The versions that the ledgers on it were recorded with."""


def figure(sheet: Sheet, name: str, target: str) -> str:
    if name in FIGURES:
        return FIGURES[name](sheet, target)
    return _words(sheet, name, target)


def _words(sheet: Sheet, name: str, target: str) -> str:
    """Markdown keeps finished HTML apart, and puts it in at the end."""
    md = Markdown()
    element = verbs.verb(name).render(Page(sheet.project, md, sheet.base), target)
    markup = etree.tostring(element, encoding="unicode", method="html")
    blocks = [str(block) for block in md.htmlStash.rawHtmlBlocks]
    return words.words(re.sub("\x02wzxhzdk:(\\d+)\x03", lambda found: blocks[int(found[1])], markup))


def fence(language: str, text: str, title: str = "") -> str:
    marks = "````" if "```" in text else "```"
    named = f"{language} title={title!r}".replace("'", '"') if title else language
    return f"{marks}{named}\n{text}\n{marks}"


def _code(sheet: Sheet, target: str) -> str:
    snippet, section = targets.section_of(sheet.project, target)
    title = f"{snippet.shown_path} (the broken twin)" if snippet.breaks else snippet.shown_path
    return fence("python", snippet.section(section).text, title)


def _snippet(sheet: Sheet, target: str) -> str:
    snippet, section = targets.section_of(sheet.project, target)
    for run in Record.of(snippet).runs:
        sheet.proven.update({} if run.release else run.proven)
    said = ""
    if snippet.breaks and snippet.name not in sheet.commands:
        sheet.commands.add(snippet.name)
        said = f"To run this broken twin: `{run_command(snippet, sheet.base)}`\n\n"
    return f"{said}{_code(sheet, target)}\n\n{ledger.captured(snippet, section)}"


def _fix(sheet: Sheet, target: str) -> str:
    snippet = targets.file_of(sheet.project, target)
    assert snippet.twin is not None
    twin = snippet.beside(snippet.twin)
    rows = ["@@" if row.startswith("@") else row for row in fix_rows(twin, snippet)]
    return fence("diff", "\n".join(rows), f"{twin.path.name} → {snippet.path.name}")


def _file(sheet: Sheet, target: str) -> str:
    path, name = file.found(sheet.project, target)
    inside = path.relative_to(sheet.project.snippets / "application").as_posix()
    language = {".py": "python", ".md": "markdown"}.get(path.suffix, path.suffix.lstrip(".") or "text")
    return fence(language, file.text(path, name), inside)


def _claims(sheet: Sheet, target: str) -> str:
    snippet, claims = targets.claims_in(sheet.project, target)
    runs = Record.of(snippet).runs
    home = sheet.url or f"{sheet.base}guides/{snippet.name.rpartition('/')[0]}/"
    lines = []
    for claim in claims:
        lines.append(f"- {claim.sentence} ([run]({home}#{claim.anchor}))")
        lines += [f"    - Not {where}: {why}" for why, where in claim.exceptions(runs).items()]
    versions = [f"{name} {listed(found, 'and')}" for name, found in releases_of(runs).items()]
    drivers = listed(sorted({run.driver for run in runs}), "and")
    return "\n".join([*lines, "", f"(Run on {drivers} with {', '.join(versions)}: `{snippet.shown_path}`)"])


def _table(sheet: Sheet, target: str) -> str:
    heads, *rows = table.cells(sheet.project, target)
    linked = [
        [_linked(sheet, f"{row[0]}: {head}", cell) for head, cell in zip(heads, row, strict=True)]
        for row in rows
    ]
    return words.table([heads, *linked])


def _linked(sheet: Sheet, label: str, cell: str) -> str:
    target = sheet.references.get(label.lower())
    return f"[{cell}]({target})" if target else cell


def _timeline(sheet: Sheet, target: str) -> str:
    snippet, section = targets.section_of(sheet.project, target)
    events = targets.output_lines(snippet, section)
    return "\n".join(
        [f"One request to `{snippet.path.name}`, in this order:", "", *(f"1. {event}" for event in events)]
    )


def _error(sheet: Sheet, target: str) -> str:
    page = ErrorPage.find(sheet.project, target)
    where = "all three drivers" if len(page.drivers) == len(DRIVERS) else listed(page.drivers, "and")
    facts = [f"- Occurs with: {where}"]
    if page.classes:
        facts.insert(0, f"- Raised as: {', '.join(f'`{name}`' for name in page.classes)}")
    messages = [f"- Message: `{text}`" for text in (*page.says, *page.reported, *page.common)]
    return "\n".join([" ".join(page.cause.split()), "", *facts, *messages])


def _terminal(sheet: Sheet, target: str) -> str:
    return fence("bash", f"uv run {sheet.base}assets/doctor.py --site {sheet.base} < trace.txt")


def _chart(sheet: Sheet, target: str) -> str:
    label = re.search(r'aria-label="([^"]*)"', chart.picture(sheet.project, target))
    return f"Measured: {label[1] if label else target}"


def _doctor(sheet: Sheet, target: str) -> str:
    return (
        f"(The doctor: paste a traceback into {sheet.base}doctor/, or use `{sheet.base}assets/errors.json`.)"
    )


def _playground(sheet: Sheet, target: str) -> str:
    return f"(An editor that runs an example in a browser: {sheet.url})"


def _calculator(sheet: Sheet, target: str) -> str:
    return f"(A calculator, which needs a browser: {sheet.url})"


FIGURES: dict[str, Callable[[Sheet, str], str]] = {
    "snippet": _snippet,
    "code": _code,
    "fix": _fix,
    "file": _file,
    "claims": _claims,
    "table": _table,
    "timeline": _timeline,
    "error": _error,
    "terminal": _terminal,
    "chart": _chart,
    "doctor": _doctor,
    "calculator": _calculator,
    "playground": _playground,
}
