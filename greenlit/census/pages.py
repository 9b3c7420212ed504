"""The pages: each directive leads somewhere, and each snippet is on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from greenlit import Mistake
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.project import Project
from greenlit.site import navigation, verbs
from greenlit.site.search_index import FOUND_BY, front_matter
from greenlit.site.targets import section_of
from greenlit.site.verbs.table import cells
from greenlit.snippet import Snippet

PROSE_FENCES = {"text", "bash", "console", "yaml", "toml", "ini", "json", "http", "dockerfile"}
"""What may stand on a page as it is. Python and SQL must come from a snippet."""

MOST_WORDS, MOST_PAGES = 5, 2
"""Of another name of a page, and of the pages that may share it."""

READ_ON_GITHUB = ("README.md", "CONTRIBUTING.md")
"""The pages beside the site, whose links the strict build does not check."""


@rule
def every_directive_resolves(survey: Survey) -> Iterator[str]:
    for page, number, name, target in survey.placements:
        try:
            verbs.verb(name).check(survey.project, target)
        except Mistake as mistake:
            yield f"{survey.project.shown(page)}:{number}: @{name} {target}: {mistake}"


@rule
def every_section_is_shown(survey: Survey) -> Iterator[str]:
    """By itself, or by its twin: the same text there, or the difference between the two."""
    shown = {placement.target for placement in survey.placements if placement.verb in verbs.SHOW_A_SECTION}
    compared = {placement.target for placement in survey.placements if placement.verb == "fix"}
    families: dict[str, list[Snippet]] = {}
    for snippet in survey.sound:
        if snippet.name in survey.shown_names:  # The others lack a page, as the next rule says.
            families.setdefault(snippet.twin or snippet.name, []).append(snippet)
    for family in families.values():
        for snippet, (name, section) in [(s, item) for s in family for item in s.sections.items()]:
            shown_by_twin = any(
                f"{other.name}#{name}" in shown
                if other.sections[name].text == section.text
                else {other.name, snippet.name} & compared
                for other in family
                if other is not snippet and name in other.sections
            )
            if f"{snippet.name}#{name}" not in shown and not shown_by_twin:
                yield (
                    f"{snippet.shown_path}:{section.start}: no page shows section '{name}': "
                    f"place '@snippet {snippet.name}#{name}' on one, or take the markers out"
                )


@rule
def every_snippet_is_on_a_page(survey: Survey) -> Iterator[str]:
    for snippet in survey.snippets:
        if snippet.name not in survey.shown_names:
            home = survey.project.shown(_home(survey.project, snippet))
            yield f"{snippet.shown_path}:1: no page shows anything of it: place it on {home}, or delete it"


@rule
def every_snippet_lives_with_its_page(survey: Survey) -> Iterator[str]:
    """`snippets/<guide>/<page>/<idea>.py` belongs to `docs/guides/<guide>/<page>.md`, which shows it or its twin."""
    project = survey.project
    shown: dict[str, set[Path]] = {}
    for placement in survey.placements:
        shown.setdefault(placement.name, set()).add(placement.page)
    families: dict[str, set[Path]] = {}
    for snippet in survey.snippets:
        families.setdefault(snippet.twin or snippet.name, set()).update(shown.get(snippet.name, ()))
    for snippet in survey.snippets:
        page, showing = _home(project, snippet), families[snippet.twin or snippet.name]
        if not showing:
            continue  # Said by the rule above.
        if not page.is_file():
            yield f"{snippet.shown_path}:1: its folder has no page: write {project.shown(page)}, or move the file"
        elif page not in showing:
            yield f"{snippet.shown_path}:1: {project.shown(page)} shows nothing of it: move it to a page that does"


def _home(project: Project, snippet: Snippet) -> Path:
    """The page that its folder belongs to."""
    folder = snippet.path.parent.relative_to(project.snippets)
    return project.docs / "guides" / folder.with_suffix(".md")


@rule
def every_page_is_in_the_navigation(survey: Survey) -> Iterator[str]:
    yield from navigation.problems(survey.project)


@rule
def every_other_name_finds_a_page(survey: Survey) -> Iterator[str]:
    """What `found_by` holds is what people type: a few words, and not the words of half of the pages."""
    named: dict[str, list[str]] = {}
    for page in survey.pages:
        where = survey.project.shown(page)
        said = front_matter(page).get(FOUND_BY, [])
        if not isinstance(said, list) or not all(isinstance(words, str | int) for words in said):
            yield f"{where}:1: '{FOUND_BY}' is a list of words: write [n+1, lazy loading]"
            continue
        for words in map(str, said):
            if not words.strip() or len(words.split()) > MOST_WORDS:
                yield f"{where}:1: {FOUND_BY}: {words!r}: write one to {MOST_WORDS} words, as somebody types them"
            named.setdefault(words.lower(), []).append(where)
    for words, pages in named.items():
        if len(pages) > len(set(pages)) or len(pages) > MOST_PAGES:
            yield (
                f"{pages[-1]}:1: {FOUND_BY}: {words!r} is another name of {', '.join(pages)}: "
                f"of {MOST_PAGES} pages at most, and once in each"
            )


@rule
def no_page_holds_literal_code(survey: Survey) -> Iterator[str]:
    for page, text in survey.pages.items():
        inside = False
        for number, line in enumerate(text.splitlines(), 1):
            fence = re.match(r"\s*(```+|~~~+)\s*\{?\.?(?P<language>[\w-]*)", line)
            if not fence:
                continue
            inside = not inside
            language = fence["language"].lower()
            if inside and language not in PROSE_FENCES:
                yield (
                    f"{survey.project.shown(page)}:{number}: a block of {language or 'no stated language'}: put code into a snippet "
                    f"and place it with @snippet; as text there may be {', '.join(sorted(PROSE_FENCES))}"
                )


@rule
def every_link_of_a_cell_finds_its_cell(survey: Survey) -> Iterator[str]:
    """`[row: column]: target` links a cell of a `@table`; with a word mistyped, the link is silently nowhere."""
    for page, text in survey.pages.items():
        known = set(_cells(survey, page))
        for number, line in enumerate(text.splitlines(), 1):
            match = re.match(r"\[(?P<label>[^]]+)\]: \S", line)
            label = match["label"].lower() if match else ""
            if label and label not in known and f"[{label}]" not in _prose(text):
                yield (
                    f"{survey.project.shown(page)}:{number}: nothing uses the link [{label}]: "
                    "write it as [row: column], with the words of a @table on this page"
                )


def _cells(survey: Survey, page: Path) -> Iterator[str]:
    for placement in survey.placed[page]:
        if placement.verb == "table":
            try:
                heads, *rows = cells(survey.project, placement.target)
            except Mistake:
                continue  # Said by the build.
            yield from (f"{row[0]}: {head}".lower() for row in rows for head in heads)


def _prose(text: str) -> str:
    """Without the definitions, in which a label uses nothing."""
    return "\n".join(line for line in text.lower().splitlines() if not re.match(r"\[[^]]+\]: \S", line))


@rule
def every_link_beside_the_site_leads_somewhere(survey: Survey) -> Iterator[str]:
    root = survey.project.root
    for path in (root / name for name in READ_ON_GITHUB if (root / name).is_file()):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if "://" not in target and not (path.parent / target).exists():
                    yield f"{path.name}:{number}: links {target}, which is not there: correct the path"


@rule
def every_timeline_is_of_events(survey: Survey) -> Iterator[str]:
    """Its section prints what listeners noted down while it ran, not words that stand in the file."""
    for page, number, verb, target in survey.placements:
        if verb != "timeline":
            continue
        try:
            snippet, name = section_of(survey.project, target)
        except Mistake:
            continue  # Said by the rule above.
        heard = re.search(r"\bevent\.listens?(_for)?\(", snippet.source)
        if not heard or not re.search(r"^ *for \w+ in \w+:$", snippet.section(name).text, re.MULTILINE):
            yield (
                f"{survey.project.shown(page)}:{number}: @timeline {target}: its events are not shown to have happened: "
                "note them down in listeners (event.listen), and print them in a loop over that list"
            )
