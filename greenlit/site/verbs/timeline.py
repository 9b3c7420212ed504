"""The output of a section (one event a line) as a picture of one request.

Three bars show how long the session, the transaction and the connection lived; a line marks the moment
of the response.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from html import escape

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page

EXAMPLE = "lifecycle/session_per_request/timeline_endpoint#order"
TARGET = targets.SECTION

BARS = {
    "session": ("session opens", "session closes"),
    "transaction": ("transaction begins", "transaction commits", "transaction rolls back"),
    "connection": ("connection taken", "connection returned"),
}
RESPONSE = "response sent"

ROW, TOP, LEFT, GAP, WIDTH = 26, 30, 14, 24, 340


def check(project: Project, target: str) -> None:
    _events(project, target)


def render(page: Page, target: str) -> etree.Element:
    name, events = _events(page.project, target)
    return page.box(draw(events, f"One request to {name}"))


def _events(project: Project, target: str) -> tuple[str, list[str]]:
    snippet, section = targets.section_of(project, target)
    events = targets.output_lines(snippet, section)
    if not events:
        raise Mistake(f"{snippet.shown_path}#{section} prints nothing: print one event a line")
    return snippet.path.name, events


def draw(events: list[str], title: str) -> str:
    text_at = LEFT + GAP * len(BARS) + 14
    height = TOP + ROW * len(events) + 8
    parts: list[str] = []
    for column, (name, edges) in enumerate(BARS.items()):
        x = LEFT + GAP * column
        parts.append(f'<text class="gl-bar-name" x="{x}" y="{TOP - 14}">{name[0].upper()}</text>')
        parts += [_bar(name, x, first, last) for first, last in _lives(events, edges)]
    for row, event in enumerate(events):
        y = TOP + ROW * row + ROW / 2
        if event == RESPONSE:
            parts.append(
                f'<line class="gl-response" x1="0" x2="{WIDTH}" y1="{y + ROW / 2}" y2="{y + ROW / 2}"/>'
            )
        emphasis = ' class="gl-response-text"' if event == RESPONSE else ""
        parts.append(f'<text{emphasis} x="{text_at}" y="{y + 4}">{escape(event)}</text>')
    legend = ", ".join(f"{name[0].upper()} {name}" for name in BARS)
    spoken = f"{title}. In this order: {'; '.join(events)}."
    return (
        f'<figure class="gl-timeline"><svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(spoken)}">'
        f"{''.join(parts)}</svg><figcaption>{escape(legend)}</figcaption></figure>"
    )


def _lives(events: list[str], edges: tuple[str, ...]) -> list[tuple[int, int]]:
    """From each beginning to its end, or to the last row if it has none."""
    begin, *ends = edges
    lives: list[tuple[int, int]] = []
    since: int | None = None
    for row, event in enumerate(events):
        if event == begin and since is None:
            since = row
        elif event in ends and since is not None:
            lives.append((since, row))
            since = None
    return [*lives, (since, len(events) - 1)] if since is not None else lives


def _bar(name: str, x: int, first: int, last: int) -> str:
    y = TOP + ROW * first + 5
    height = ROW * (last - first + 1) - 10
    return f'<rect class="gl-bar gl-bar-{name}" x="{x - 5}" y="{y}" width="10" height="{height}" rx="3"/>'
