"""Each directive: a line of Markdown in, literal HTML out; and a wrong target, refused with a remedy."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from markdown import markdown

from greenlit import Mistake
from greenlit.project import HERE, Project
from greenlit.site.directive import SnippetExtension
from greenlit.site.verbs import VERBS, listing, verb

READ = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy==2.1.*"]
# ///
# also: sqlalchemy==2.0.*
# drivers: asyncpg (the others have no such setting)
# --8<-- [start:read]
if True:
    print(user.name)
    #> Ada
# --8<-- [end:read]
# --8<-- [start:table]
print("call | result")
#> call | result
print("get | `old`")
#> get | `old`
# --8<-- [end:table]
# --8<-- [start:order]
print("session opens")
#> session opens
print("response sent")
#> response sent
# --8<-- [end:order]
"""
BREAKS = READ.replace("user.name", "user").replace("# also", "# raises: ValueError\n# also")
LEDGER = """\
What running it did.

== asyncpg
proven on: SQLAlchemy 2.1.9, asyncpg 0.32.0

[read]
2: print(user.name)
    pool    checkout
    pool    checkin

== asyncpg with sqlalchemy==2.0.*
proven on: SQLAlchemy 2.0.44, asyncpg 0.32.0
printed: Ada

[read]
2: print(user.name)
    raised  ValueError: <no>
"""
ERROR = """\
---
error:
  rank: 1
  layer: ORM
  symptoms: ["500"]
  drivers: [asyncpg]
  cause: It was not loaded.
  classes: [MissingGreenlet]
  says: [greenlet_spawn has not been called]
  code: xd2s
---
# It is missing
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    folder = made.snippets / "topic" / "page"
    for path in (folder, made.charts, made.error_pages):
        path.mkdir(parents=True)
    (folder / "read.py").write_text(READ)
    (folder / "read_breaks.py").write_text(BREAKS)
    (folder / "read.ledger").write_text(LEDGER)
    (made.error_pages / "missing.md").write_text(ERROR)
    (made.charts / "wait.svg").write_text("<svg/>\n")
    return made


def shown(project: Project, text: str) -> str:
    html = markdown(text, extensions=[SnippetExtension(project, base_url="https://here/")])
    return re.sub(r"\n(?=<)", "", html)


CODE = (
    '<div class="language-python highlight"><span class="filename">'
    '<a href="/snippets/topic/page/read.py">snippets/topic/page/read.py</a></span>'
    '<pre><span></span><code><span class="gl-row"><span class="k">if</span> <span class="kc">True</span>'
    '<span class="p">:</span></span>\n'
    '<span class="gl-row at4">    <span class="nb">print</span><span class="p">(</span>user'
    '<span class="o">.</span>name<span class="p">)</span></span>\n'
    '<span class="gl-row at4">    <span class="c1">#&gt; Ada</span></span>\n</code></pre></div>'
)
RUN = (
    '<div class="gl-run highlight" data-search-exclude><pre><span></span>'
    "<code>uv run https://here/snippets/topic/page/read.py\n</code></pre></div>"
)


def literal(html: str) -> str:
    return re.sub(r"\n(?=<)", "", html)


def test_code_and_the_command_once_on_a_page(project: Project) -> None:
    both = shown(project, "@code topic/page/read#read\n@code topic/page/read#read")
    assert both == literal(f'<div class="gl">{CODE}{RUN}</div><div class="gl">{CODE}</div>')


def test_snippet(project: Project) -> None:
    html = shown(project, "@snippet topic/page/read#read")
    assert html.startswith(literal(f'<div class="gl">{CODE}{RUN}<div class="tabbed-set'))
    labels = re.findall("<label[^>]*>([^<]*)", html)
    assert labels == ["SQLAlchemy 2.1", "SQLAlchemy 2.0", "asyncpg"] or labels == [
        "asyncpg",
        "SQLAlchemy 2.1",
        "SQLAlchemy 2.0",
    ], "a tab for each driver that it claims, and in it one for each line that differs"
    assert '<p class="gl-proven">Run on SQLAlchemy 2.1.9, asyncpg 0.32.0</p></div>' in html
    assert html.endswith('<p class="gl-proven">Run on SQLAlchemy 2.0.44, asyncpg 0.32.0</p>' + "</div>" * 7)
    nothing = '<p class="gl-nothing">No SQL and no connection from these lines.</p>'
    assert nothing in shown(project, "@snippet topic/page/read#order")


def test_another_text_of_an_error_needs_no_tab(project: Project) -> None:
    """Both texts are there to be read and found; a tab would hide one."""
    path = project.snippets / "topic/page/read.ledger"
    raised = "    pool    checkout\n    raised  ValueError: {}\n"
    locked, older = path.read_text().split("\n== asyncpg with ")
    locked = locked.replace("    pool    checkout\n    pool    checkin\n", raised.format("new"))
    older = older.replace("    raised  ValueError: <no>\n", raised.format("<old>"))
    path.write_text(f"{locked}\n== asyncpg with {older}")
    html = shown(project, "@snippet topic/page/read#read")
    assert html.count("<label") == 1
    assert '<p class="gl-older">SQLAlchemy 2.0: <code>ValueError: &lt;old&gt;</code></p>' in html


def test_a_broken_twin_is_marked(project: Project) -> None:
    html = shown(project, "@code topic/page/read_breaks#read")
    assert html.startswith('<div class="gl gl-breaks">')
    assert 'read_breaks.py</a><span class="gl-mark">breaks</span></span>' in html


def test_fix(project: Project) -> None:
    code = '    <span class="nb">print</span><span class="p">(</span>user{}<span class="p">)</span></span>'
    html = shown(project, "@fix topic/page/read")
    assert html.startswith(
        '<div class="gl gl-fix"><div class="language-diff highlight">'
        '<span class="filename">read_breaks.py → read.py</span><pre><span></span><code>'
        '<span class="gl-row at1"><span class="gl-sign"> </span><span class="k">if</span>'
    )
    old = '<span class="gl-row at5 gd"><span class="gl-sign">-</span>' + code.format("")
    new = '<span class="gl-row at5 gi"><span class="gl-sign">+</span>'
    new += code.format('<span class="o">.</span>name')
    assert old + new in html


def test_releases(project: Project) -> None:
    assert shown(project, "@releases topic/page/read") == (
        '<div class="gl-releases"><table><thead><tr><th>SQLAlchemy</th><th>Driver</th>'
        "<th>What <code>read.py</code> did</th></tr></thead><tbody>"
        "<tr><td>2.0.44</td><td>asyncpg</td>"
        '<td><code>Ada</code><br><code class="gl-raised">ValueError: &lt;no&gt;</code></td></tr>'
        "<tr><td>2.1.9</td><td>asyncpg</td><td><code>Ada</code><br><code>call | result</code><br>"
        "<code>get | `old`</code><br><code>session opens</code><br><code>response sent</code><br></td></tr>"
        "</tbody></table></div>"
    )


def test_table_links_a_cell_that_the_page_defines(project: Project) -> None:
    assert shown(project, "[get: result]: other.md\n\n@table topic/page/read#table") == (
        '<div class="gl-table" tabindex="0"><table><thead><tr><th>call</th><th>result</th></tr></thead><tbody><tr>'
        '<td data-cell="get">get</td><td data-cell="`old`"><a href="other.md"><code>old</code></a></td>'
        "</tr></tbody></table></div>"
    )


def test_timeline(project: Project) -> None:
    assert shown(project, "@timeline topic/page/read#order") == (
        '<div><figure class="gl-timeline"><svg viewBox="0 0 340 90" role="img" '
        'aria-label="One request to read.py. In this order: session opens; response sent.">'
        '<text class="gl-bar-name" x="14" y="16">S</text>'
        '<rect class="gl-bar gl-bar-session" x="9" y="35" width="10" height="42" rx="3"/>'
        '<text class="gl-bar-name" x="38" y="16">T</text><text class="gl-bar-name" x="62" y="16">C</text>'
        '<text x="100" y="47.0">session opens</text>'
        '<line class="gl-response" x1="0" x2="340" y1="82.0" y2="82.0"/>'
        '<text class="gl-response-text" x="100" y="73.0">response sent</text>'
        "</svg><figcaption>S session, T transaction, C connection</figcaption></figure></div>"
    )


def test_chart(project: Project) -> None:
    assert shown(project, "@chart wait") == '<figure class="gl-figure"><svg/></figure>'


def test_error_and_errors(project: Project) -> None:
    assert shown(project, "@error missing") == (
        '<div class="gl-cause"><p>It was not loaded.</p><dl class="gl-facts">'
        "<div><dt>Raised as</dt><dd><code>MissingGreenlet</code></dd></div>"
        "<div><dt>Occurs with</dt><dd>asyncpg</dd></div>"
        '<div><dt>SQLAlchemy\'s page</dt><dd><a href="https://sqlalche.me/e/21/xd2s">sqlalche.me/e/21/xd2s</a></dd></div>'
        "</dl></div>"
    )
    item = '<li><a href="missing.md">It is missing</a><small> asyncpg</small></li>'
    assert shown(project, "@errors rank") == f'<div><ol class="gl-errors">{item}</ol></div>'
    under = f'<div><h2>SQLAlchemy\'s ORM</h2><ul class="gl-errors">{item}</ul></div>'
    assert shown(project, "@errors layer") == under


def test_doctors_of_one_page_have_names_of_their_own(project: Project) -> None:
    html = shown(project, "@doctor\n@doctor")
    assert html.startswith('<div class="gl-doctor"><label for="gl-doctor-1">Paste your traceback')
    assert '<label for="gl-doctor-2">' in html
    assert (
        '<a href="/guides/errors/by_symptom.md">errors by symptom</a>.</p><ol class="gl-diagnoses">' in html
    )


def test_calculator(project: Project) -> None:
    field = (
        '<label>pool_size<input type="number" name="poolSize" value="5" min="1" max="10000" step="1" '
        'inputmode="decimal" aria-describedby="gl-poolSize"></label>'
    )
    assert field in shown(project, "@calculator")


def test_exemptions(project: Project) -> None:
    row = "<td>drivers</td><td>asyncpg (the others have no such setting)</td></tr>"
    assert f"<tr><td><code>snippets/topic/page/read.py</code></td>{row}" in shown(project, "@exemptions")


@pytest.mark.parametrize(
    "line, remedy",
    [
        ("@snippet topic/page/read", "name a section: guide/page/idea#section"),
        ("@code topic/page/read#none", "has no section 'none': it has read, table, order"),
        ("@code topic/read#read", "did you mean topic/page/read?"),
        ("@fix topic/page/read#read", "name a file, not a section: guide/page/idea"),
        ("@fix topic/page/read_breaks", "has no twin: @fix takes the file that is right"),
        ("@releases", "name a file, not a section"),
        ("@table topic/page/read#read", "print a head and rows with equally many ' | '"),
        ("@chart none", "name it in greenlit/proof/charts.py and run 'make charts'"),
        ("@error none", "write 'error:' into its front matter"),
        ("@errors age", "there are rank, symptom, layer and driver"),
        ("@doctor please", "it takes no target: take 'please' out"),
        ("@snap topic/page/read#read", "there is no @snap: there are @snippet, @code, "),
    ],
)
def test_a_wrong_target_is_refused_by_the_census_and_on_the_page(
    project: Project, caplog: pytest.LogCaptureFixture, line: str, remedy: str
) -> None:
    name, _, target = line[1:].partition(" ")
    with pytest.raises(Mistake) as refused:
        verb(name).check(project, target)
    assert remedy in str(refused.value)
    with caplog.at_level(logging.WARNING, "mkdocs.greenlit"):
        html = shown(project, line)
    assert html.startswith('<div class="admonition failure">') and remedy in caplog.text


def test_the_contributing_guide_lists_each_of_them() -> None:
    described = (HERE.root / "CONTRIBUTING.md").read_text()
    assert len(listing()) == len(VERBS)
    block = "\n".join(listing())
    assert block in described, f"put this into CONTRIBUTING.md:\n\n{block}"
