"""A claim: a sentence about behaviour, and the function that proves it. `claims.py` in a page's folder holds them."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from greenlit import Mistake
from greenlit.record import Run
from greenlit.snippet import Snippet

PREFIX = "claim_"
HOLDS, FAILS = "holds: ", "does not hold: "


@dataclass(frozen=True)
class Claim:
    name: str
    """Of the function, without its prefix."""
    sentence: str
    line: int
    source: str
    assertions: tuple[int, ...]
    """The lines that they stand in."""

    @property
    def anchor(self) -> str:
        return f"claim-{self.name.replace('_', '-')}"

    def holds(self, run: Run) -> bool:
        return HOLDS + self.sentence in run.printed

    def against(self, run: Run) -> str:
        """The reason why it does not hold there, or nothing."""
        begin = f"{FAILS}{self.sentence} ("
        said = next((line for line in run.printed if line.startswith(begin)), begin + ")")
        return said[len(begin) : -1].removeprefix("AssertionError: ")


def claims_of(snippet: Snippet) -> list[Claim]:
    return [
        Claim(
            node.name.removeprefix(PREFIX),
            " ".join((ast.get_docstring(node) or "").split()),
            node.lineno,
            ast.get_source_segment(snippet.source, node) or "",
            tuple(inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Assert)),
        )
        for node in ast.parse(snippet.source).body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith(PREFIX)
    ]


def chosen(snippet: Snippet, names: str) -> list[Claim]:
    """Those that a page asks for by name, in its order; all if it names none."""
    known = {claim.name: claim for claim in claims_of(snippet)}
    wanted = [name.strip() for name in names.split(",")] if names else list(known)
    for name in wanted:
        if name not in known:
            raise Mistake(f"{snippet.shown_path} has no claim '{name}': it has {', '.join(known) or 'none'}")
    return [known[name] for name in wanted]
