"""What cannot fail proves nothing: each assertion of a claim is turned round, and the claim must then not hold.

One at a time: an assertion that is not reached, or whose error something catches, is found so.
"""

from __future__ import annotations

import ast
import asyncio
import sys
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

from greenlit.claim import PREFIX, Claim, claims_of
from greenlit.proof.run import Case, to_the_end

TURN = "_turned_round"


def turned_round(names: frozenset[str], case: Case) -> list[str]:
    """What is wrong with those claims, in the process of a run on which they hold."""
    found: list[str] = []
    ending = to_the_end(case, partial(_turn_each, case, names, found))
    if ending.error:
        found.append(
            f"{case.snippet.shown_path}:{ending.line}: with assertions turned round: {ending.last_line}"
        )
    return found


def _turn_each(case: Case, names: frozenset[str], found: list[str]) -> None:
    turning = _Turning()
    tree = turning.visit(ast.parse(case.snippet.source, str(case.file)))
    tree.body.pop()  # What runs all of them.
    # In the place of the real one, where pydantic looks for a class that an annotation names.
    sys.modules["__main__"] = ModuleType("__main__")
    module = sys.modules["__main__"].__dict__
    module |= {"__file__": str(case.file), TURN: turning.value}
    # Not with this file's own 'annotations': FastAPI and SQLAlchemy read those of a claim.
    exec(compile(ast.fix_missing_locations(tree), str(case.file), "exec", dont_inherit=True), module)
    for claim in claims_of(case.snippet):
        if claim.name in names:
            found += _unshaken(case, claim, module, turning)


def _unshaken(case: Case, claim: Claim, module: dict[str, Any], turning: _Turning) -> Iterator[str]:
    for line in claim.assertions:
        turning.at, turning.reached = line, False
        against = asyncio.run(module["reason_against"](module[PREFIX + claim.name]))
        place = f"{case.snippet.shown_path}:{line}: '{claim.sentence}'"
        if not turning.reached:
            yield f"{place} does not come to this assertion on {case.driver} {f'({against})' if against else ''}: let it"
        elif not against:
            yield f"{place} also holds on {case.driver} with this assertion turned round: let nothing catch its error"


class _Turning(ast.NodeTransformer):
    """`assert x` becomes `assert _turned_round(line, x)`."""

    at, reached = 0, False

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        called = ast.Call(ast.Name(TURN, ast.Load()), [ast.Constant(node.lineno), node.test], [])
        return ast.copy_location(ast.Assert(ast.copy_location(called, node.test), node.msg), node)

    def value(self, line: int, value: object) -> object:
        self.reached |= line == self.at
        return not value if line == self.at else value
