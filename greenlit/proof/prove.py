"""Run a snippet through pytest-examples and compare what it did with what its ledger says."""

from __future__ import annotations

import ast
import difflib
import inspect
import io
import os
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest_examples.run_code as run_code
from pytest_examples import CodeExample, EvalExample
from pytest_examples.run_code import Arg, InsertPrintStatements, PrintStatement

from greenlit import Mistake
from greenlit.proof.database import Stage
from greenlit.proof.watch import Observation, faults, observe
from greenlit.record import Record, Run
from greenlit.snippet import Snippet

if sys.version_info < (3, 12):
    # The traceback that pytest-examples forges for a failing example crashes older interpreters.
    setattr(run_code, "create_example_traceback", lambda *_: None)  # noqa: B010


class WholeFile(CodeExample):
    """pytest-examples takes code in a .py file for a docstring's, and wraps its output otherwise."""

    def in_py_file(self) -> bool:
        return False


class Rejected(Exception):
    """A snippet that does not prove what it claims. Its text is all that a person needs to see."""


def prove(snippet: Snippet, driver: str, stage: Stage, evaluate: EvalExample) -> Observation:
    """Run on one driver; whatever differs from what the snippet and its ledger say is rejected."""
    seen, updated = _run(snippet, driver, stage, evaluate)
    if updated != snippet.source:
        raise Rejected(_output_drifted(snippet, updated, driver))
    compare(snippet, seen.run)
    return seen


def record(snippet: Snippet, stage: Stage, evaluate: EvalExample) -> tuple[Snippet, Record]:
    """Run on all drivers; return the snippet with its output brought up to date, and its record."""
    first = snippet.drivers[0]
    _, updated = _run(snippet, first, stage, evaluate)
    snippet = replace(snippet, source=updated)
    runs: list[Run] = []
    for driver in snippet.drivers:
        seen, again = _run(snippet, driver, stage, evaluate)
        if again != updated:
            raise Rejected(
                _output_drifted(
                    snippet, again, driver, f"prints something else than on {first}: print what all share"
                )
            )
        runs.append(seen.run)
    kept = [run for run in Record.of(snippet).runs if run.release in snippet.releases]
    return snippet, Record([run for run in kept if run.driver in snippet.drivers]).replace(runs)


def compare(snippet: Snippet, run: Run) -> None:
    path = snippet.ledger_path
    known = Record.of(snippet).find(run.driver, run.release)
    if known is None:
        raise Rejected(
            f"{snippet.shown_ledger}:1: nothing recorded for {run.driver}: run 'make update' and review the diff"
        )
    before, after = known.what_happened().splitlines(), run.what_happened().splitlines()
    if before == after:
        return
    pairs = zip([*before, ""], [*after, ""], strict=False)
    first = next((i for i, (old, new) in enumerate(pairs) if old != new), 0)
    block = path.read_text().splitlines()
    begins = next(i for i, line in enumerate(block) if line.split(" with ")[0] == f"== {run.driver}")
    offset = next(i for i, line in enumerate(block[begins:], begins) if line.startswith("proven on:"))
    diff = "\n".join(difflib.unified_diff(before, after, "in the ledger", "in this run", lineterm="", n=2))
    raise Rejected(
        f"{snippet.shown_ledger}:{offset + 2 + first}: running it on {run.driver} did something else than the ledger says. "
        f"If that is what you meant, run 'make update' and review the diff.\n{diff}"
    )


def _run(snippet: Snippet, driver: str, stage: Stage, evaluate: EvalExample) -> tuple[Observation, str]:
    """Run, and return what happened and the source with the output that it really printed."""
    example = WholeFile.create(snippet.source, path=Path(snippet.path.name))
    file = evaluate.tmp_path / f"{example.module_name}.py"
    printed: list[PrintStatement] = []

    def keep(_: Path, frame: inspect.FrameInfo, args: Sequence[Any]) -> bool:
        if frame.filename == str(file):
            printed.append(PrintStatement(frame.lineno, " ", [Arg(arg) for arg in args]))
        return False  # Kept here, so that output before an uncaught error is not lost.

    evaluate.set_config(line_length=110)
    evaluate.include_print = keep
    environment = stage.environment(snippet, driver)

    def execute() -> None:
        with patch.dict(os.environ, environment), patch.object(sys, "argv", [str(file)]):
            evaluate._run(example, "check", None, False, None)

    try:
        snippet.sections  # noqa: B018  A faulty marker is said before anything is run.
        compile(snippet.source, snippet.shown_path, "exec")
    except SyntaxError as error:
        raise Rejected(f"{snippet.shown_path}:{error.lineno}: {error.msg}: mend the syntax") from None
    except Mistake as mistake:
        raise Rejected(str(mistake)) from None
    seen = observe(snippet, file, driver, stage.server(driver), execute)
    wrong = faults(seen)
    if wrong:
        raise Rejected("\n".join(wrong)) from (None if snippet.raises else seen.error)
    return seen, _with_output(example, printed, evaluate)


# Output ---------------------------------------------------------------------------------------


def _with_output(example: CodeExample, printed: list[PrintStatement], evaluate: EvalExample) -> str:
    """The source with the `#>` lines that this run prints, and no others."""
    stale = _stale_output(example, printed)
    if stale:
        lines = example.source.splitlines(keepends=True)
        source = "".join(line for number, line in enumerate(lines, 1) if number not in stale)
        moved = [
            PrintStatement(p.line_no - sum(1 for n in stale if n < p.line_no), p.sep, p.args) for p in printed
        ]
        return _with_output(WholeFile.create(source, path=example.path), moved, evaluate)
    inserter = InsertPrintStatements(example.path, evaluate.config, True, None, None)
    assert inserter.print_func is not None
    inserter.print_func.statements = printed
    return inserter.updated_print_statements(example) or example.source


def _stale_output(example: CodeExample, printed: list[PrintStatement]) -> set[int]:
    """The `#>` lines below a print that never ran: pytest-examples would let them stand."""
    last_lines = {_last_line(example.source, statement.line_no) for statement in printed}
    stale: set[int] = set()
    above = 0
    for line in _output_lines(example.source):
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


def _output_drifted(snippet: Snippet, updated: str, driver: str, why: str = "") -> str:
    before, after = snippet.source.splitlines(), updated.splitlines()
    changed = next(
        (i for i, (old, new) in enumerate(zip(before, after, strict=False), 1) if old != new), len(before)
    )
    diff = "\n".join(difflib.unified_diff(before, after, "in the file", "in this run", lineterm="", n=2))
    why = (
        why or "the output below a print is not what it prints. If that is what you meant, run 'make update'"
    )
    return f"{snippet.shown_path}:{changed}: on {driver} {why}\n{diff}"
