"""Pairs that would pass without proving anything: the harm made by hand, or hidden, or written down."""

from __future__ import annotations

import ast
import pydoc
from collections.abc import Iterator
from typing import TypeGuard

from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.snippet import Snippet


@rule
def no_twin_raises_by_hand(survey: Survey) -> Iterator[str]:
    """What a twin declares comes out of the libraries: a twin that makes the exception itself shows nothing."""
    for twin in (snippet for snippet in survey.sound if snippet.breaks):
        nodes = survey.nodes(twin)
        declared = {name.rpartition(".")[2] for name in twin.raises}
        names = declared | {alias for alias, name in _aliases(nodes) if name in declared}
        for node in nodes:
            if not isinstance(node, ast.Call | ast.Raise):
                continue
            made = _last_name(node.func) if isinstance(node, ast.Call) else None
            raised = _last_name(node.exc) if isinstance(node, ast.Raise) and node.exc else None
            if {made, raised} & names:
                yield (
                    f"{twin.shown_path}:{node.lineno}: makes the exception itself that it declares: "
                    "let the library raise it, as it does for a reader"
                )


def _aliases(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    """Other names for a class: `import X as Y`, `Y = X`, `class Y(X)`."""
    for node in nodes:
        match node:
            case ast.ImportFrom(names=names):
                yield from ((alias.asname, alias.name) for alias in names if alias.asname)
            case ast.Assign([ast.Name(new)], ast.Name() | ast.Attribute() as old):
                yield new, _last_name(old) or ""


def _last_name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


@rule
def no_fix_swallows_what_its_twin_raises(survey: Survey) -> Iterator[str]:
    for fix, twin in survey.pairs:
        caught = _family(twin)
        in_twin = [words for _, words in _swallows(survey.nodes(twin), caught)]
        for line, words in _swallows(survey.nodes(fix), caught):
            if words not in in_twin:
                yield (
                    f"{fix.shown_path}:{line}: only swallows what {twin.path.name} raises ({words}): "
                    "take away the cause, or handle the exception and show what is done about it"
                )


def _family(twin: Snippet) -> set[str]:
    """The names under which an `except` catches what the twin declares."""
    family = {"Exception", "BaseException"}
    for name in twin.raises:
        found = pydoc.locate(name)
        bases = found.__mro__[:-1] if isinstance(found, type) else ()
        family |= {name.rpartition(".")[2], *(base.__name__ for base in bases)}
    return family if twin.raises else set()


def _swallows(nodes: list[ast.AST], names: set[str]) -> Iterator[tuple[int, str]]:
    """The lines that catch one of these and do nothing about it, and how."""
    for node in nodes:
        match node:
            case ast.ExceptHandler(kind, body=body) if all(map(_does_nothing, body)):
                words, kinds = (
                    f"except {ast.unparse(kind)}" if kind else "except",
                    [kind or ast.Name("Exception")],
                )
            case ast.Call(called, kinds) if _last_name(called) == "suppress":
                words = ast.unparse(node)
            case _:
                continue
        if names & {_last_name(part) for kind in kinds for part in ast.walk(kind)}:
            yield node.lineno, words


def _does_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Expr(ast.Constant()):
            return True
        case ast.Return(value):
            return value is None or isinstance(value, ast.Constant)
    return False


@rule
def no_pair_prints_what_is_written_down(survey: Survey) -> Iterator[str]:
    """Where a printed value or an assertion is the proof, it comes from the run: not from the file.

    The head of a table is a constant, and so is what tells that a branch was taken.
    """
    for snippet in {
        one.name: one for pair in survey.pairs for one in pair if pair[1].breaks_by_value
    }.values():
        for node in _unconditional(survey.nodes(snippet)[0]):
            if _is_print(node) and all(map(_is_constant, node.args)) and not _is_head(node):
                yield (
                    f"{snippet.shown_path}:{node.lineno}: prints words that stand in the file: "
                    "print what the run computed, or take the print out"
                )


@rule
def no_assertion_is_of_constants(survey: Survey) -> Iterator[str]:
    for snippet in survey.sound:
        for node in survey.nodes(snippet) if "assert" in snippet.source else ():
            if isinstance(node, ast.Assert) and not _asks_something(node.test):
                yield (
                    f"{snippet.shown_path}:{node.lineno}: asserts the same in every run: "
                    "assert something that the run decides"
                )


def _unconditional(node: ast.AST) -> Iterator[ast.AST]:
    """All below, but for branches that a run may or may not take."""
    for child in ast.iter_child_nodes(node):
        branch = isinstance(child, ast.If | ast.IfExp) and _asks_something(child.test)
        if not branch and not isinstance(child, ast.ExceptHandler | ast.match_case):
            yield child
            yield from _unconditional(child)


def _asks_something(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Name | ast.Attribute | ast.Call) for node in ast.walk(test))


def _is_print(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and _last_name(node.func) == "print" and bool(node.args)


def _is_constant(node: ast.expr) -> bool:
    return not _asks_something(node)


def _is_head(node: ast.Call) -> bool:
    return " | " in ast.unparse(node)
