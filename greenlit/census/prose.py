"""The turns of speech that stop a reader, in everything that a page says: `make lint`.

proselint brings checks of its own, of which those stand in KEPT that fit technical English, and the engine for ours.
It knows no Markdown: what is code, a directive, a link's target or a setting is blanked out first, letter by letter.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from proselint.checks import __register__ as theirs
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check, types
from proselint.tools import LintFile

from greenlit.project import HERE, Project

KEPT = (
    "archaism",
    "cliches",
    "hedging",
    "industrial_language",
    "lexical_illusions",
    "malapropisms",
    "mixed_metaphors",
    "mondegreens",
    "needless_variants",
    "nonwords",
    "oxymorons",
    "redundancy",
    "spelling",
    "uncomparables",
)
TURNS = {
    "(?:some|no)body": "name who or what: your code, another task, nothing",
    "as it is with": "as with",
    "at peace with": "say what works",
    "bec[ao]mes? of": "say what happened",
    "belongs? into": "belongs in",
    "besides[.:;]": "also, at the start of the sentence",
    "comes? to a stop": "stops",
    "for good": "permanently, or until when",
    "for the rest": "otherwise",
    "has not got": "does not have",
    "in .{1,12}'s hands?": "in use",
    "it changes otherwise": "what else it changes",
    "let alone": "say it in its own sentence",
    "lies? in wait": "say what happens, and when",
    "of yours": "your",
    "on the spot": "at once",
    "reckon(?:s|ed|ing)?": "calculate",
    "says? so": "say what it reports",
    "stands? for ever": "stays",
    "stands? in": "is in",
    "then it is .{3,40} (?:who|that)": "put the subject first",
    "very": "leave it out, or give the figure",
    "what for": "why",
    "with nothing else": "say what is set",
}
"""What not to write, as a pattern, and what to write instead."""

OTHERS = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
OURS = Check(types.PreferredForms(TURNS), path="words", message="'{1}': better {0}")
CODE = re.compile(
    r"^```.*?^```$|^@[^\n]*$|<!--.*?-->|`[^`]*`|\]\([^)]*\)|\]\[[^]]*\]|<[^>]+>|https?://\S+",
    re.DOTALL | re.MULTILINE,
)
FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)
SETTINGS = re.compile(r"^(?!description:|  cause:|    (?!- ))[^\n]*$", re.MULTILINE)
"""What a reader does not see of it: all but the description and the cause."""


CheckRegistry().register_many(
    # In quotes too: an apostrophe opens one for it, which would hide the next hundred words.
    tuple(check._replace(flags=check.flags._replace(allow_quotes=True)) for check in (*theirs, OURS))
)


def main() -> None:
    found = list(problems(HERE))
    sys.exit("\n".join(found) if found else 0)


def problems(project: Project) -> Iterator[str]:
    for path, text in _texts(project):
        said = LintFile(project.shown(path), text or "\n")
        for result in said.lint({"max_errors": 1000, "checks": dict.fromkeys((*KEPT, OURS.path), True)}):
            line, _ = result.pos
            message = result.check_result.message
            if "\n\n" not in message:  # A word that a heading ends with may begin its paragraph.
                yield f"{said.source}:{line}: {' '.join(message.split())}"


def _texts(project: Project) -> Iterator[tuple[Path, str]]:
    for path in [*project.pages(), *project.skill_files(), *(project.root / name for name in OTHERS)]:
        yield path, prose(path.read_text())
    for path in [*project.snippets.rglob("claims.py"), *(project.snippets / "toolkit").glob("*.py")]:
        yield path, docstrings(path.read_text())


def prose(page: str) -> str:
    """What a reader reads of it, at the places where it was."""
    page = FRONT_MATTER.sub(lambda front: SETTINGS.sub(_blank, front[0]), page)
    return CODE.sub(_blank, page)


def docstrings(source: str) -> str:
    """Each in its lines, and the other lines empty."""
    lines = source.splitlines()
    kept = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            kept |= {*range(node.lineno, (node.end_lineno or 0) + 1)}
    return CODE.sub(_blank, "\n".join(line if number in kept else "" for number, line in enumerate(lines, 1)))


def _blank(match: re.Match[str]) -> str:
    """Not with spaces: the words on both sides do not become neighbours."""
    return re.sub(r"\S", "¤", match[0])


if __name__ == "__main__":
    main()
