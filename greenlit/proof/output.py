"""What a snippet prints, as the `#>` lines below its prints say it: pytest-examples runs it and writes them."""

from __future__ import annotations

import ast
import difflib
import inspect
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest_examples.run_code as run_code
from pytest_examples import CodeExample
from pytest_examples.config import ExamplesConfig
from pytest_examples.run_code import Arg, InsertPrintStatements, PrintStatement

from greenlit.proof.run import Output
from greenlit.snippet import Snippet

# The traceback that pytest-examples forges for a failing example names lines that nobody can open,
# and crashes Python 3.11.
setattr(run_code, "create_example_traceback", lambda *_: None)  # noqa: B010

CONFIG = ExamplesConfig(line_length=110)


class WholeFile(CodeExample):
    """pytest-examples takes code in a .py file for a docstring's, and wraps its output otherwise."""

    def in_py_file(self) -> bool:
        return False


def run_file(source: str, file: Path, printed: list[PrintStatement]) -> None:
    """Run a file, and add what its lines print to `printed`."""

    def keep(_: Path, frame: inspect.FrameInfo, args: Sequence[Any]) -> bool:
        if frame.filename == str(file) and isinstance(sys.stdout, Output) and not sys.stdout.shut:
            printed.append(PrintStatement(frame.lineno, " ", [Arg(arg) for arg in args]))
        return False  # Kept here, so that output before an uncaught error is not lost.

    run_code.run_code(
        example=WholeFile.create(source, path=file),
        python_file=file,
        loader=None,
        config=CONFIG,
        enable_print_mock=True,
        print_callback=None,
        include_print=keep,
        module_globals=None,
        call=None,
    )


def with_output(source: str, printed: list[PrintStatement]) -> str:
    """The source with the `#>` lines that a run prints, and no others."""
    stale = _stale_output(source, printed)
    if stale:
        lines = source.splitlines(keepends=True)
        kept = "".join(line for number, line in enumerate(lines, 1) if number not in stale)
        moved = [
            PrintStatement(p.line_no - sum(1 for n in stale if n < p.line_no), p.sep, p.args) for p in printed
        ]
        return with_output(kept, moved)
    inserter = InsertPrintStatements(Path(), CONFIG, True, None, None)
    assert inserter.print_func is not None
    inserter.print_func.statements = printed
    return inserter.updated_print_statements(WholeFile.create(source)) or source


def _stale_output(source: str, printed: list[PrintStatement]) -> set[int]:
    """The `#>` lines below a print that never ran: pytest-examples would let them stand."""
    last_lines = {_last_line(source, statement.line_no) for statement in printed}
    stale: set[int] = set()
    above = 0
    for line in _output_lines(source):
        if line - 1 not in stale and line - 1 != above:
            above = line - 1
            if above not in last_lines:
                stale.add(line)
        elif line - 1 in stale:
            stale.add(line)
        else:
            above = line
    return stale


def _output_lines(source: str) -> Iterator[int]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and re.match(r"#> ?", token.string):
            yield token.start[0]


def _last_line(source: str, line: int) -> int:
    ends = [
        node.end_lineno or line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and node.lineno == line
    ]
    return max(ends, default=line)


def output_drifted(snippet: Snippet, updated: str, driver: str, why: str = "") -> str:
    before, after = snippet.source.splitlines(), updated.splitlines()
    changed = next(
        (i for i, (old, new) in enumerate(zip(before, after, strict=False), 1) if old != new), len(before)
    )
    diff = "\n".join(difflib.unified_diff(before, after, "in the file", "in this run", lineterm="", n=2))
    why = (
        why or "the output below a print is not what it prints. If that is what you meant, run 'make update'"
    )
    return f"{snippet.shown_path}:{changed}: on {driver} {why}\n{diff}"
