"""Tabs that work without a script: a radio button, its label and its content, one after the other for each tab.

Not Material's: its script measures each set of tabs when a page opens, and a long page has a hundred. What it
adds, one choice for all sets and for later pages, is in `reading.js`.
"""

from __future__ import annotations

from html import escape


def tabs(contents: list[tuple[str, str]], number: int) -> str:
    """A label and its content, for each tab; `number` is the place of the set on its page."""
    parts = ""
    for place, (label, content) in enumerate(contents, 1):
        checked = " checked" if place == 1 else ""
        name = f"tab-{number}-{place}"
        parts += (
            f'<input type="radio" name="tab-{number}" id="{name}"{checked}><label for="{name}">{escape(label)}</label>'
            f"<div>{content}</div>"
        )
    return f'<div class="gl-tabs no-copy">{parts}</div>'
