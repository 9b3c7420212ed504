"""What readers copy out of a snippet must be right in their own code as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

from greenlit import alone
from greenlit.census.rules import rule
from greenlit.census.survey import Survey
from greenlit.proof import shared


@rule
def every_file_runs_bare_or_says_what_it_needs(survey: Survey) -> Iterator[str]:
    yield from alone.problems(survey.sound, survey.nodes)


@rule
def every_copy_of_a_shared_function_is_the_same(survey: Survey) -> Iterator[str]:
    yield from shared.problems(survey.project)


@rule
def every_server_is_stopped(survey: Survey) -> Iterator[str]:
    """A snippet that stops its server after the block leaves it running when the block raises."""
    for snippet in survey.sound:
        if "should_exit" not in snippet.source:
            continue
        tree = survey.nodes(snippet)[0]
        for line in sorted(_stops(tree) - _stops_at_last(tree)):
            yield (
                f"{snippet.shown_path}:{line}: stops the server only if nothing was raised before: "
                "start it, 'try', and stop it in a 'finally'"
            )


def _stops(tree: ast.AST) -> set[int]:
    """The lines that tell a uvicorn server to end."""
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "should_exit" and isinstance(node.ctx, ast.Store)
    }


def _stops_at_last(tree: ast.AST) -> set[int]:
    finals = [line for node in ast.walk(tree) if isinstance(node, ast.Try) for line in node.finalbody]
    return {line for final in finals for line in _stops(final)}


@rule
def no_listener_trusts_that_another_ran(survey: Survey) -> Iterator[str]:
    """`checkin` comes without `checkout` after a refused reconnect: what raises there costs a place of the pool."""
    for snippet in survey.sound:
        if snippet.breaks or "listen" not in snippet.source:
            continue
        for name, listener in _listeners(survey.nodes(snippet)):
            for node in ast.walk(listener) if name in _COMES_ALONE else ():
                if _reads_info(node):
                    yield (
                        f"{snippet.shown_path}:{node.lineno}: a listener for '{name}' reads info[...], and nothing may "
                        "be there: use info.pop(key, None) or info.get(key)"
                    )


_COMES_ALONE = {"reset", "checkin", "invalidate", "soft_invalidate", "close", "detach"}
"""The pool's events for the end of something whose beginning another event may have announced, or not."""


def _listeners(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """The name of an event, and the function that listens to it, as far as both are written out."""
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for decorator in function.decorator_list:
            match decorator:
                case ast.Call(ast.Attribute(attr="listens_for"), [_, ast.Constant(str(name)), *_]):
                    yield name, function
    for node in nodes:
        match node:
            case ast.Call(ast.Attribute(attr="listen"), [_, ast.Constant(str(name)), ast.Name(called), *_]):
                yield from ((name, function) for function in functions if function.name == called)
            case ast.Call(ast.Attribute(attr="listen"), [_, ast.Constant(str(name)), ast.Lambda(), *_]):
                yield name, node.args[2]


def _reads_info(node: ast.AST) -> TypeGuard[ast.Subscript]:
    match node:
        case ast.Subscript(ast.Attribute(attr="info"), ctx=ast.Load()):
            return True
    return False
