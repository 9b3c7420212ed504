"""The HTML of what a page shows around a snippet. All of it reads without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import PostgresLexer, PythonLexer

from greenlit import Mistake
from greenlit.project import Project
from greenlit.record import Deed, Line, Record, Run
from greenlit.snippet import NEEDS, OUTPUT, Snippet, fix_rows

_PLAIN: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
_PYTHON, _SQL = PythonLexer(), PostgresLexer()


def code(text: str) -> str:
    return f"<pre><span></span><code>{_highlight(text, _PYTHON)}\n</code></pre>"


def command(text: str) -> str:
    return (
        '<div class="gl-run highlight" data-search-exclude><pre tabindex="0" aria-label="The command that runs this file">'
        f"<span></span><code>{escape(text)}\n</code></pre></div>"
    )


def _highlight(text: str, lexer: Lexer) -> str:
    return highlight(text, lexer, _PLAIN).rstrip("\n")


# What the runs captured -----------------------------------------------------------------------


def captured(snippet: Snippet, section: str, tab_set: int) -> str:
    """A tab for each driver: the ledger of the section, its uncaught error, what it was run on."""
    record = Record.of(snippet)
    runs = [run for driver in snippet.drivers if (run := record.find(driver))]
    if not runs:
        raise Mistake(f"nothing is recorded for {snippet.shown_path}: run 'make update'")
    why = snippet.declarations.get("unrecorded")
    tabs = [(run.driver, _ledger(run.sections.get(section, []), why) + _proven(run)) for run in runs]
    return _tabs(tabs, tab_set)


def _tabs(tabs: list[tuple[str, str]], number: int) -> str:
    """The markup of pymdownx.tabbed, for which Material has the styles: radio buttons, no script."""
    name = f"__tabbed_9{number:02}"  # The numbers of the tabs that are written in Markdown begin at 1.
    inputs = labels = blocks = ""
    for place, (label, content) in enumerate(tabs, 1):
        checked = ' checked="checked"' if place == 1 else ""
        inputs += f'<input{checked} id="{name}_{place}" name="{name}" type="radio" />'
        labels += f'<label for="{name}_{place}">{escape(label)}</label>'
        blocks += f'<div class="tabbed-block">{content}</div>'
    return (
        f'<div class="tabbed-set tabbed-alternate gl-proof" data-tabs="{number}:{len(tabs)}">{inputs}'
        f'<div class="tabbed-labels">{labels}</div><div class="tabbed-content">{blocks}</div></div>'
    )


def _ledger(lines: list[Line], unrecorded: str | None) -> str:
    """Of all this, people search for errors only: the rest would make up half of the search's index."""
    if not lines and unrecorded:
        return (
            f'<p class="gl-nothing">Run, and its output compared, but not recorded: {escape(unrecorded)}.</p>'
        )
    if not lines:
        return '<p class="gl-nothing">No SQL and no connection from these lines.</p>'
    held: set[int] = set()
    deeds = [deed for line in lines for deed in line.deeds]
    several = len({deed.connection for deed in deeds if deed.kind != "raised"}) > 1
    first = next((d.text for d in deeds if d.kind == "pool" and d.text in ("checkout", "checkin")), "")
    if first == "checkin" or (not first and any(deed.kind == "txn" or deed.kind == "sql" for deed in deeds)):
        held.add(1)  # It was checked out before this section began.
    rows = ""
    for line in lines:
        rail = " gl-held" if held else ""
        leaving = '<span class="gl-leaving">leaving</span> ' if line.leaving else ""
        times = f' <span class="gl-times">× {line.times}</span>' if line.times > 1 else ""
        text = f'<code class="highlight">{_highlight(line.code, _PYTHON)}</code>'
        rows += f'<li class="gl-line{rail}" data-search-exclude>{leaving}{text}{times}</li>'
        rows += "".join(_deed(deed, held, several) for deed in line.deeds)
    return f'<ol class="gl-ledger">{rows}</ol>'


def _deed(deed: Deed, held: set[int], several: bool) -> str:
    """One row; the rail at its side runs while a connection is checked out."""
    if deed.kind == "raised":
        rail = " gl-held" if held else ""
        return (
            f'<li class="gl-deed gl-raised{rail}"><span class="gl-kind">raised</span>'
            f"<pre><code>{escape(deed.text)}\n</code></pre></li>"
        )
    classes = f"gl-deed gl-{deed.kind}"
    if deed.kind == "pool" and deed.text == "checkout":
        held.add(deed.connection)
        classes += " gl-take"
    classes += " gl-held" if held else ""
    if deed.kind == "pool" and deed.text in ("checkin", "invalidate", "close"):
        held.discard(deed.connection)
        held.discard(1 if not several else deed.connection)
        classes += " gl-give" if not held else ""
    number = f' <span class="gl-number">#{deed.connection}</span>' if several else ""
    text = _highlight(deed.text, _SQL) if deed.kind == "sql" else escape(deed.text)
    kind = f'<span class="gl-kind">{deed.kind}{number}</span>'
    return f'<li class="{classes}" data-search-exclude>{kind}<code class="highlight">{text}</code></li>'


def _proven(run: Run) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in run.proven.items())
    return f'<p class="gl-proven">Run on {escape(versions)}</p>'


# A fix beside its twin ------------------------------------------------------------------------


def fix(snippet: Snippet) -> str:
    """The difference between a broken file and the one that heals it."""
    if snippet.twin is None:
        raise Mistake(f"{snippet.shown_path} has no twin: @fix takes the file that is right")
    twin = snippet.beside(snippet.twin)
    rows = ""
    for row in fix_rows(twin, snippet):
        sign, text = row[:1], row[1:]
        kind = {"-": "gd", "+": "gi"}.get(sign, "gu" if sign == "@" else "")
        shown = "⋯" if sign == "@" else f"{sign}{_highlight(text, _PYTHON)}"
        rows += f'<span class="{kind}">{shown}</span>\n' if kind else f"{shown}\n"
    title = f"{twin.path.name} → {snippet.path.name}"
    return (
        f'<div class="language-diff highlight"><span class="filename">{escape(title)}</span>'
        f"<pre><span></span><code>{rows}</code></pre></div>"
    )


# Release lines --------------------------------------------------------------------------------


def releases(snippet: Snippet) -> str:
    """A row for each release line and outcome; drivers that agree share a row."""
    record = Record.of(snippet)
    if not any(run.release for run in record.runs):
        raise Mistake(f"no release lines are recorded for {snippet.shown_path}: run 'make matrix'")
    package = snippet.releases[0].split("==")[0]
    rows = ""
    for release in [*snippet.releases, ""]:
        runs = [run for run in record.runs if run.release == release]
        for drivers, outcome in _by_outcome(snippet, runs).items():
            version = next((v for name, v in runs[0].proven.items() if name.lower() == package), "")
            rows += f"<tr><td>{escape(version)}</td><td>{', '.join(drivers)}</td><td>{outcome}</td></tr>"
    name = next((n for run in record.runs for n in run.proven if n.lower() == package), package)
    return (
        f"<table><thead><tr><th>{escape(name)}</th><th>Driver</th><th>What <code>{escape(snippet.path.name)}</code>"
        f" did</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _by_outcome(snippet: Snippet, runs: list[Run]) -> dict[tuple[str, ...], str]:
    drivers: dict[str, list[str]] = {}
    for run in runs:
        drivers.setdefault("".join(_outcome(snippet, run)), []).append(run.driver)
    return {tuple(names): outcome for outcome, names in drivers.items()}


def _outcome(snippet: Snippet, run: Run) -> Iterator[str]:
    printed = run.printed if run.release else snippet.output
    for text in printed:
        yield f"<code>{escape(text)}</code><br>"
    if run.raised:
        first = run.raised.splitlines()[0]
        yield f'<code class="gl-raised">{escape(first)}</code>'
    elif not printed:
        yield "runs to its end"


def output_lines(snippet: Snippet, section: str) -> list[str]:
    lines = snippet.section(section).text.splitlines()
    return [match["text"] for line in lines if (match := OUTPUT.match(line))]


def table_cells(snippet: Snippet, section: str) -> list[list[str]]:
    """The output of a section, one row a line, its cells between `|`."""
    rows = output_lines(snippet, section)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    if len(cells) < 2 or len({len(row) for row in cells}) != 1:
        raise Mistake(
            f"{snippet.shown_path}#{section} prints no table: print a head and rows with equally many ' | '"
        )
    return cells


# The doctor -----------------------------------------------------------------------------------


def doctor(number: int) -> str:
    """Where a traceback is pasted; a script fills in the answer."""
    name = f"gl-doctor-{number}"
    return (
        f'<label for="{name}">Paste your traceback, or the last line of it</label>'
        f'<textarea id="{name}" rows="7" spellcheck="false" autocomplete="off" autocapitalize="off" '
        f'aria-describedby="{name}-private"></textarea>'
        f'<p class="gl-private" id="{name}-private">It stays in your browser: nothing is sent anywhere.</p>'
        "<noscript><p>This needs JavaScript. Without it, use the lists of errors.</p></noscript>"
        '<p role="status"></p>'
    )


# The calculator -------------------------------------------------------------------------------

FIELDS = (
    ("workers", "Workers per machine", 4, 1),
    ("replicas", "Machines or containers", 2, 1),
    ("poolSize", "pool_size", 5, 1),
    ("maxOverflow", "max_overflow", 10, 0),
    ("maxConnections", "max_connections of the server", 100, 1),
    ("reserved", "of these reserved", 3, 0),
    ("heldMs", "A request holds a connection for, ms", 20, 0.1),
    ("rate", "Requests a second, in all", 400, 0),
)


def calculator() -> str:
    """Numbers in, an answer below; a script reckons."""
    inputs = "".join(
        f'<label>{label}<input type="number" name="{name}" value="{value}" min="{least}" step="any" inputmode="decimal"></label>'
        for name, label, value, least in FIELDS
    )
    return (
        f'<form class="gl-calculator"><div class="gl-inputs">{inputs}</div>'
        "<noscript><p>This needs JavaScript; the arithmetic is explained below.</p></noscript>"
        '<dl aria-live="polite"></dl><div class="highlight"><pre tabindex="0"><code></code></pre></div></form>'
    )


# What is not executed -------------------------------------------------------------------------


def exemptions(project: Project) -> str:
    """Everything that a header takes out of a rule, with the reason that the header gives."""
    rows = ""
    for snippet in project.all():
        for key in ("drivers", "needs", "leaks", "unrecorded"):
            if key in snippet.declarations:
                said = escape(NEEDS.get(snippet.needs, "") if key == "needs" else snippet.declarations[key])
                rows += f"<tr><td><code>{escape(snippet.shown_path)}</code></td><td>{key}</td><td>{said}</td></tr>"
    if not rows:
        return "<p>Nothing: every snippet runs on all three drivers, and every line that it shows is recorded.</p>"
    return (
        "<table><thead><tr><th>Snippet</th><th>Exempt from</th><th>Why</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
