"""Each directive: a line of Markdown in, literal HTML out; and a wrong target, refused with a remedy."""

from __future__ import annotations

import logging
import re

import pytest

from greenlit import Mistake
from greenlit.project import HERE, Project
from greenlit.site.verbs import VERBS, listing, verb
from tests.markup.conftest import READ, shown

CODE = (
    '<div class="language-python highlight no-copy"><span class="filename">'
    '<a href="/snippets/topic/page/read.py">snippets/topic/page/read.py</a>'
    '<button class="gl-copy" title="Copy this code"></button>'
    '<button class="gl-more" title="More to copy"></button></span>'
    '<pre><code><span><span class="k">if</span> <span class="kc">True</span>:</span>\n'
    '<span class="in4">    <span class="nb">print</span>(user.name)</span>\n'
    '<span class="in4">    <span class="c1">#&gt; Ada</span></span>\n</code></pre></div>'
)
RUN = (
    '<div class="gl-run highlight no-copy" data-search-exclude><pre>'
    "<code>uv run https://here/snippets/topic/page/read.py\n</code></pre>"
    '<button class="gl-copy" title="Copy the command"></button></div>'
)


def literal(html: str) -> str:
    return re.sub(r"\n(?=<)", "", html)


def opened(number: int = 1) -> str:
    same = f"-{number}" if number > 1 else ""
    return f'<div class="gl" data-twin="read_breaks.py" id="code-read-read{same}">'


def test_code_and_the_command_once_on_a_page(project: Project) -> None:
    """Each place has an address of its own."""
    both = shown(project, "@code topic/page/read#read\n@code topic/page/read#read")
    assert both == literal(f"{opened()}{CODE}{RUN}</div>{opened(2)}{CODE}</div>")


def test_snippet(project: Project) -> None:
    html = shown(project, "@snippet topic/page/read#read")
    assert html.startswith(literal(f'{opened()}{CODE}{RUN}<div class="gl-tabs'))
    labels = re.findall("<label[^>]*>([^<]*)", html)
    assert labels == ["asyncpg", "SQLAlchemy 2.1", "SQLAlchemy 2.0"], (
        "a tab for each driver that it claims, and in it one for each line that differs"
    )
    assert '<a href="/reading.md">How to read this</a></p></div>' in html


def test_what_a_page_was_run_on_stands_once_at_its_end(project: Project) -> None:
    html = shown(project, "@snippet topic/page/read#read\n\n@snippet topic/page/read_breaks#read\n\nText.")
    assert html.endswith(
        '<p>Text.</p><p class="gl-proven" data-search-exclude="">The ledgers of this page were run on '
        "SQLAlchemy 2.1.9 and asyncpg 0.32.0. Each says which older releases did the same.</p>"
    )
    assert html.count("2.1.9") == 1
    assert "gl-proven" not in shown(project, "@code topic/page/read#read"), "the next page begins anew"


def test_an_older_release_that_did_the_same_is_named_once(project: Project) -> None:
    path = project.snippets / "topic/page/read.ledger"
    locked, _ = path.read_text().split("\n== asyncpg with ")
    path.write_text(f"{locked}\nsame with sqlalchemy==2.0.*: asyncpg; SQLAlchemy 2.0.44; source 0\n")
    html = shown(project, "@snippet topic/page/read#read")
    assert html.count("The same on SQLAlchemy 2.0.44. ") == 1
    assert '<p class="gl-foot" data-search-exclude="">The same on SQLAlchemy 2.0.44. <a' in html


def test_a_section_that_did_nothing_has_a_line_and_no_tabs(project: Project) -> None:
    html = shown(project, "@snippet topic/page/read#order")
    assert "<label" not in html
    assert '<p class="gl-foot" data-search-exclude="">No SQL and no connection from these lines.</p>' in html


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
    assert html.startswith('<div class="gl gl-breaks" data-twin="read.py" id="code-read_breaks-read">')
    assert 'read_breaks.py</a><span class="gl-mark">breaks</span><button' in html


def test_fix(project: Project) -> None:
    html = shown(project, "@fix topic/page/read")
    assert html.startswith(
        '<div class="gl gl-fix"><div class="language-diff highlight no-copy">'
        '<span class="filename">read_breaks.py → read.py</span><pre><code>'
        '<span class="in1"><span class="gl-sign"> </span><span class="k">if</span>'
    )
    old = '<span class="gd in5"><span class="gl-sign">-</span>    <span class="nb">print</span>(user)</span>'
    new = '<span class="gi in5"><span class="gl-sign">+</span>    <span class="nb">print</span>(user.name)</span>'
    assert f"{old}{new}" in html


def test_no_line_has_a_style_of_its_own(project: Project) -> None:
    """A strict Content-Security-Policy forbids it; and what is indented deep goes on below a narrow beginning."""
    deep = project.snippets / "topic/page/read.py"
    deep.write_text(READ.replace("    print(user", " " * 40 + "print(user"))
    html = shown(project, "@code topic/page/read#read")
    assert '<span class="in12">' in html and "style=" not in html


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
    item = '<li data-drivers="asyncpg"><a href="missing.md">It is missing</a><small> asyncpg</small></li>'
    first = f'<div><div class="gl-errors"><ol>{item}</ol></div></div>'
    assert shown(project, "@errors rank") == shown(project, "@errors common") == first
    title = '<h2 id="sqlalchemys-orm">SQLAlchemy\'s ORM <small>1</small></h2>'
    listed = shown(project, "@errors layer")
    assert listed.startswith(
        '<div><form class="gl-filter" aria-label="Filter the list"><label>Filter the list <input'
    )
    assert listed.endswith(f'</form><div class="gl-errors">{title}<ul>{item}</ul></div></div>')
    assert listed.count('type="radio"') == 4


def test_a_guide_names_the_errors_that_lead_to_it(project: Project) -> None:
    """By the label of the navigation, else by their titles."""
    (project.docs / "guides" / "topic").mkdir(parents=True)
    (project.docs / "guides" / "topic" / "page.md").write_text("# A page\n")
    with pytest.raises(Mistake, match="no error page links to guides/topic/page"):
        verb("explains").check(project, "topic/page")
    error = project.error_pages / "missing.md"
    error.write_text(error.read_text() + "\n[more](../topic/page.md#part), [again](../topic/page.md)\n")
    (project.root / "mkdocs.yml").write_text("nav:\n  - index.md\n")
    one = '<ul><li><a href="../errors/missing.md">{}</a></li></ul></div>'
    assert shown(project, "@explains topic/page").endswith(one.format("It is missing"))
    (project.root / "mkdocs.yml").write_text("nav:\n  - Missing: guides/errors/missing.md\n")
    assert shown(project, "@explains topic/page").endswith(one.format("Missing"))


def test_doctors_of_one_page_have_names_of_their_own(project: Project) -> None:
    html = shown(project, "@doctor\n@doctor")
    assert html.startswith('<div class="gl-doctor"><label for="gl-doctor-1">Paste your traceback')
    assert '<label for="gl-doctor-2">' in html
    assert (
        '<a href="/guides/errors/by_symptom.md">errors by symptom</a>.</p><ol class="gl-diagnoses">' in html
    )


def test_calculator(project: Project) -> None:
    field = '<label>pool_size<input type="number" name="poolSize" value="5" min="1" max="10000" step="1" inputmode="decimal"'
    assert field in shown(project, "@calculator")


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
        ("@errors age", "there are rank, common, symptom, layer and driver"),
        ("@explains topic/none", "there is no docs/guides/topic/none.md: name the page that this stands on"),
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
