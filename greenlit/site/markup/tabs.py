"""Tabs that work without a script: the markup of pymdownx.tabbed, for which Material has the styles."""

from __future__ import annotations

from html import escape


def tabs(contents: list[tuple[str, str]], number: int) -> str:
    """A label and its content, for each tab; `number` is the place of the set on its page."""
    name = f"__tabbed_9{number:02}"  # The numbers of the tabs that are written in Markdown begin at 1.
    inputs = labels = blocks = ""
    for place, (label, content) in enumerate(contents, 1):
        checked = ' checked="checked"' if place == 1 else ""
        inputs += f'<input{checked} id="{name}_{place}" name="{name}" type="radio" />'
        labels += f'<label for="{name}_{place}">{escape(label)}</label>'
        blocks += f'<div class="tabbed-block">{content}</div>'
    return (
        f'<div class="tabbed-set tabbed-alternate gl-proof" data-tabs="{number}:{len(contents)}">{inputs}'
        f'<div class="tabbed-labels">{labels}</div><div class="tabbed-content">{blocks}</div></div>'
    )
