"""What a section did on each driver, as plain text: drivers and release lines that did the same are said once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from greenlit.claim import listed
from greenlit.difference import did, told
from greenlit.record import Line, Record
from greenlit.site.markup.ledger import folded
from greenlit.site.markup.variants import Variant, alike, variants
from greenlit.snippet import Snippet

TYPE = r"DOUBLE PRECISION|CHARACTER VARYING|TIME(?:STAMP)? WITH(?:OUT)? TIME ZONE|[A-Z_]+"
PLACEHOLDER = re.compile(rf"(?:\$\d+|%\(\w+\)s|\?)(?:::(?:{TYPE})(?:\(\d+(?:, ?\d+)?\))?(?:\[\])?)?")
"""Of a parameter, as the three drivers write it."""


def captured(snippet: Snippet, section: str) -> str:
    """The ledgers of a section. Drivers whose statements differ by their placeholders only share one."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for driver, label, text in _ledgers(snippet, section):
        found.setdefault((label, PLACEHOLDER.sub("?", text)), []).append((driver, text))
    parts = []
    for (label, _), shown in found.items():
        drivers = listed([driver for driver, _ in shown], "and")
        where = f"{drivers} with {label}" if label else drivers
        differ = len({text for _, text in shown}) > 1
        but = f" (placeholders as {shown[0][0]} has them)" if differ else ""
        text = shown[0][1]
        if "\n" not in text and not text.startswith("    "):
            parts.append(f"On {where}: {text}")
        else:
            parts.append(f"What it did on {where}{but}:\n\n```text\n{text}\n```")
    return "\n\n".join(parts)


def _ledgers(snippet: Snippet, section: str) -> Iterator[tuple[str, str, str]]:
    """Driver, release line where several differ, and the text."""
    record = Record.of(snippet)
    for driver in snippet.drivers:
        runs = [run for run in record.runs if run.driver == driver]
        if not runs:
            continue
        found = variants(runs, lambda run: did(run.sections.get(section)))
        groups = alike(found, lambda variant: did(variant.run.sections.get(section), errors=False))
        for newest, *others in groups:
            lines = newest.run.sections.get(section)
            text = "\n".join(_rows(lines)) if lines else _nothing(snippet)
            label = newest.label if len(groups) > 1 else ""
            yield driver, label, "\n".join([text, *_other_texts(newest, others, section)])


def _nothing(snippet: Snippet) -> str:
    why = snippet.declarations.get("unrecorded")
    return f"not recorded: {why}." if why else "no SQL and no connection from these lines."


def _other_texts(newest: Variant, others: list[Variant], section: str) -> Iterator[str]:
    known = told(newest.run.sections.get(section))
    for other in others:
        for text in dict.fromkeys(told(other.run.sections.get(section))):
            if text not in known:
                first, *more = text.splitlines()
                yield f"With {other.label} instead: {first}{' …' if more else ''}"


def _rows(lines: Sequence[Line]) -> Iterator[str]:
    for group, times in folded(lines):
        for line in group:
            often = f"  (× {line.times})" if line.times > 1 else ""
            yield f"{'leaving ' if line.leaving else ''}{line.code}{often}"
            numbered = len({deed.connection for other in lines for deed in other.deeds}) > 1
            for deed in line.deeds:
                kind = f"{deed.kind} #{deed.connection}" if numbered and deed.kind != "raised" else deed.kind
                yield f"    {kind:<7} " + deed.text.replace("\n", f"\n{' ' * 12}")
        if times > 1:
            yield f"({'this line' if len(group) == 1 else f'these {len(group)} lines'} × {times})"
