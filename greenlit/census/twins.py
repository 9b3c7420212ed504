"""A fix and its twin: the twin breaks by what it shows, and the fix heals that and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from greenlit import Mistake
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.difference import fix_rows
from greenlit.snippet import BREAKS, Snippet

LONGEST_FIX = 14
"""The lines that a fix may take out and put in, together: more is a rewrite, and proves nothing."""


@rule
def every_broken_twin_declares_and_is_healed(survey: Survey) -> Iterator[str]:
    """A twin says what it raises or what is silently wrong; some file heals it, by a short change."""
    healed = {snippet.twin for snippet in survey.snippets}
    for snippet in survey.snippets:
        declared = snippet.declarations
        if not snippet.breaks:
            if "raises" in declared:
                yield f"{snippet.shown_path}:1: declares '# raises:' but is not named *{BREAKS}.py: rename it"
            continue
        if "raises" not in declared and "silent" not in declared:
            yield f"{snippet.shown_path}:1: does not say how it breaks: declare '# raises: ...' or '# silent: ...'"
        if "raises" not in declared and not survey.printed(snippet) and "leaks" not in declared:
            yield (
                f"{snippet.shown_path}:1: its harm is silent, and nothing shows it: "
                "assert what ought to be true (and declare '# raises: AssertionError'), or print what is wrong"
            )
        if snippet.name not in healed:
            fix = snippet.name.removesuffix(BREAKS)
            yield f"{snippet.shown_path}:1: nothing heals it: write snippets/{fix}.py"


@rule
def every_fix_has_the_twin_that_it_names(survey: Survey) -> Iterator[str]:
    for snippet in survey.snippets:
        try:
            if snippet.twin:
                snippet.beside(snippet.twin)
        except Mistake as mistake:
            yield f"{snippet.shown_path}:1: '# twin:' {mistake}"


@rule
def every_fix_is_only_the_fix(survey: Survey) -> Iterator[str]:
    for fix, twin in survey.pairs:
        changed = [row for row in fix_rows(twin, fix, context=0) if row[:1] in "+-"]
        if not changed:
            yield f"{fix.shown_path}:1: is the same as {twin.path.name}: one of them does not do what it says"
        elif _code(fix) == _code(twin):
            yield (
                f"{fix.shown_path}:1: differs from {twin.path.name} by a comment only: "
                "one of them does not do what it says"
            )
        elif len(changed) > LONGEST_FIX:
            yield (
                f"{fix.shown_path}:1: differs from {twin.path.name} by {len(changed)} lines, "
                f"and {LONGEST_FIX} are the most: let the two differ by the fix and nothing else"
            )


class _Silent(ast.NodeTransformer):
    """Takes out strings that stand by themselves."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return ast.Pass() if isinstance(node.value, ast.Constant) else node


def _code(snippet: Snippet) -> list[str]:
    """What decides how a file runs: no comments, no documentation."""
    lines = ast.unparse(_Silent().visit(ast.parse(snippet.source))).splitlines()
    return [line for line in lines if line.strip() != "pass"]


@rule
def every_silent_twin_shows_its_harm(survey: Survey) -> Iterator[str]:
    """Where nothing is raised, the print that is wrong must be right in the fix. (A leak is seen by the run.)"""
    for fix, twin in survey.pairs:
        if (
            not twin.raises
            and "leaks" not in twin.declarations
            and survey.printed(twin) == survey.printed(fix)
        ):
            yield (
                f"{twin.shown_path}:1: is silently wrong, it says, and prints just what {fix.path.name} prints: "
                "print the value that is wrong, or assert what ought to be true"
            )


@rule
def every_fix_runs_where_its_twin_breaks(survey: Survey) -> Iterator[str]:
    for fix, twin in survey.pairs:
        lacking = [driver for driver in twin.drivers if driver not in fix.drivers]
        if lacking:
            yield (
                f"{fix.shown_path}:1: {twin.path.name} breaks on {', '.join(lacking)}, and the fix does not run there: "
                "widen its '# drivers:', or take the driver out of the twin's and say why"
            )


@rule
def no_fix_leaks(survey: Survey) -> Iterator[str]:
    for fix, _ in survey.pairs:
        if "leaks" in fix.declarations:
            yield f"{fix.shown_path}:1: a fix that '# leaks:' a connection heals nothing: close it"
