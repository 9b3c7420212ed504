"""Tables, whoever made them: a box that scrolls, and for a phone the name of its column in each cell."""

from __future__ import annotations

import re

from markdown import markdown

from greenlit.project import Project
from greenlit.site.directive import SnippetExtension
from tests.markup.conftest import shown


def row(*cells: str, labels: tuple[str, ...]) -> str:
    shown = "".join(
        f'<td data-label="{label}" role="cell">{cell}</td>' for label, cell in zip(labels, cells, strict=True)
    )
    return f'<tr role="row">{shown}</tr>'


def test_releases(project: Project) -> None:
    labels = ("SQLAlchemy", "Driver", "What read.py did")
    heads = "".join(f'<th role="columnheader">{label}</th>' for label in labels)
    old = '<code>Ada</code><br><code class="gl-raised">ValueError: &lt;no&gt;</code>'
    new = "".join(
        f"<code>{text}</code><br>"
        for text in ("Ada", "call | result", "get | `old`", "session opens", "response sent")
    )
    html = re.sub('(role="cell") (data-label="[^"]*")', r"\2 \1", shown(project, "@releases topic/page/read"))
    assert html == (
        '<div class="gl-releases"><div class="gl-table" tabindex="0"><table class="gl-cards" role="table">'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead><tbody role="rowgroup">'
        f"{row('2.0.44', 'asyncpg', old, labels=labels)}{row('2.1.9', 'asyncpg', new, labels=labels)}"
        "</tbody></table></div></div>"
    )


def test_table_links_a_cell_that_the_page_defines(project: Project) -> None:
    assert shown(project, "[get: result]: other.md\n\n@table topic/page/read#table") == (
        '<div class="gl-table" tabindex="0"><table class="gl-plain"><thead><tr><th>call</th><th>result</th></tr></thead>'
        '<tbody><tr><td>get</td><td><a href="other.md"><code>old</code></a></td></tr></tbody></table></div>'
    )


def test_a_table_of_markdown_has_its_columns_in_its_cells(project: Project) -> None:
    text = "| `a` b | c | d |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n"
    html = markdown(text, extensions=["tables", SnippetExtension(project, base_url="https://here/")])
    assert re.findall('<td data-label="([^"]*)" role="cell">(.)', html) == [
        ("a b", "1"),
        ("c", "2"),
        ("d", "3"),
    ]
    assert '<table class="gl-cards" role="table">' in html


def test_exemptions_are_listed_by_their_reason(project: Project) -> None:
    assert shown(project, "@exemptions") == (
        '<div><details class="gl-exempt"><summary>Run on asyncpg only: 2 files</summary><ul><li>The others have no such setting.<br>'
        "<small><code>topic/page/read</code>, <code>topic/page/read_breaks</code></small></li></ul></details></div>"
    )


def test_proven_counts_the_files_on_each_driver_and_line(project: Project) -> None:
    rows = re.findall("<tr.*?</tr>", shown(project, "@proven"))
    cells = [re.findall("<t[dh][^>]*>([^<]*)", row) for row in rows]
    assert cells == [
        ["Versions", "aiosqlite", "asyncpg", "psycopg"],
        ["what the lock pins", "none", "1", "none"],
        ["SQLAlchemy 2.0", "none", "1, 1 differ", "none"],
    ]
