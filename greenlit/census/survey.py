"""The project as the rules see it: every file is read once, however many rules ask."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from greenlit import Mistake
from greenlit.error_index import ErrorPage
from greenlit.project import Project
from greenlit.record import Record
from greenlit.site.directive import DIRECTIVE
from greenlit.snippet import Snippet


class Placement(NamedTuple):
    """A directive on a page."""

    page: Path
    line: int
    verb: str
    target: str

    @property
    def name(self) -> str:
        """The snippet, where it places one."""
        return self.target.partition("#")[0]


class Survey:
    def __init__(self, project: Project) -> None:
        self.project = project
        self._records: dict[str, Record] = {}
        self._nodes: dict[str, list[ast.AST]] = {}

    @cached_property
    def snippets(self) -> list[Snippet]:
        return self.project.all()

    @cached_property
    def sound(self) -> list[Snippet]:
        """Those that are Python, with sound markers and metadata: the others have a problem of their own."""
        return [snippet for snippet in self.snippets if not self.fault(snippet)]

    @cached_property
    def pairs(self) -> list[tuple[Snippet, Snippet]]:
        """Each fix with its twin, where both are sound."""
        by_name = {snippet.name: snippet for snippet in self.sound}
        return [(fix, by_name[fix.twin]) for fix in self.sound if fix.twin in by_name]

    @cached_property
    def pages(self) -> dict[Path, str]:
        return {page: page.read_text() for page in self.project.pages()}

    @cached_property
    def placements(self) -> list[Placement]:
        """Every directive on every page."""
        return [placement for page, text in self.pages.items() for placement in _placements(page, text)]

    @cached_property
    def skill(self) -> dict[Path, str]:
        return {path: path.read_text() for path in self.project.skill_files()}

    @cached_property
    def placed_in_the_skill(self) -> list[Placement]:
        """It is no page: what only the skill shows is not shown."""
        return [placement for path, text in self.skill.items() for placement in _placements(path, text)]

    @cached_property
    def shown_names(self) -> set[str]:
        """The snippets that some page places."""
        return {placement.name for placement in self.placements}

    @cached_property
    def error_pages(self) -> list[ErrorPage]:
        """Those whose front matter can be read."""
        return [page for page in map(self._error_page, self.pages) if page]

    def _error_page(self, path: Path) -> ErrorPage | None:
        if path.parent != self.project.error_pages:
            return None
        try:
            return ErrorPage.load(self.project, path)
        except Mistake:
            return None

    @cached_property
    def placed(self) -> dict[Path, list[Placement]]:
        """The directives of each page."""
        found: dict[Path, list[Placement]] = {page: [] for page in self.pages}
        for placement in self.placements:
            found[placement.page].append(placement)
        return found

    def nodes(self, snippet: Snippet) -> list[ast.AST]:
        """All of the tree of a sound one, as `ast.walk` yields it. To be looked at only."""
        if snippet.name not in self._nodes:
            self._nodes[snippet.name] = list(ast.walk(ast.parse(snippet.source)))
        return self._nodes[snippet.name]

    def fault(self, snippet: Snippet) -> str:
        """What keeps a file from being looked at any further, or nothing."""
        try:
            if not snippet.source.strip():
                raise Mistake(f"{snippet.shown_path}:1: the file is empty: write it, or delete it")
            snippet.sections, snippet.requirements  # noqa: B018
            self.nodes(snippet)
        except SyntaxError as error:
            return f"{snippet.shown_path}:{error.lineno}: {error.msg}: mend the syntax"
        except Mistake as mistake:
            return str(mistake)
        return ""

    def printed(self, snippet: Snippet) -> list[str]:
        """What a sound one prints with the locked versions, its lines first and then what is longer."""
        return [*snippet.output, *_long_output(self.nodes(snippet))]

    def said(self, snippet: Snippet) -> str:
        """All that its runs raised and printed, and what the database answered."""
        texts = self.printed(snippet)
        for run in self.record(snippet).runs:
            texts += run.printed
            texts += [deed.text for lines in run.sections.values() for line in lines for deed in line.deeds]
        return "\n".join(" ".join(text.split()) for text in texts)

    def record(self, snippet: Snippet) -> Record:
        """An empty one where the ledger is missing or cannot be read: rules of their own say so."""
        if snippet.name not in self._records:
            try:
                self._records[snippet.name] = Record.of(snippet)
            except Mistake:
                self._records[snippet.name] = Record()
        return self._records[snippet.name]


def _placements(page: Path, text: str) -> Iterator[Placement]:
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= line.lstrip().startswith("```")
        match = None if fenced else DIRECTIVE.match(line.strip())
        if match:
            yield Placement(page, number, match["verb"], match["target"] or "")


def _long_output(nodes: list[ast.AST]) -> Iterator[str]:
    """Output of several lines stands below its print as a string: not so a docstring, which nobody printed."""
    for node in nodes:
        body = getattr(node, "body", None)
        for above, below in pairwise(body) if isinstance(body, list) else ():
            match above, below:
                case (
                    ast.Expr(ast.Call(ast.Name("print"))),
                    ast.Expr(ast.Constant(str(text))),
                ):
                    yield text


def says(words: str, text: str) -> bool:
    """Whether a signal of an error page occurs in what was captured: `*` is anything within the line."""
    pattern = r"[^\n]*".join(re.escape(" ".join(part.split())) for part in words.split("*"))
    return re.search(pattern, text, re.IGNORECASE) is not None
