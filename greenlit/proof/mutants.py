"""`make mutants`: which faults of the scripts would no test notice?

Each operator, number, text, condition and statement of a script is altered, one at a time, and the script's
tests are run. An alteration with which all of them pass has survived: a test is missing, or the code does nothing.
One that changes nothing that could be observed is explained in the source, on its line or directly above it:

    // mutant < -> <=: both are zero where they are equal.

Each of two workers has a copy of the project. It loads the tests once, and forks for each mutant.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenlit import Mistake
from greenlit.project import HERE
from greenlit.proof.alterations import Mutant, mutants

READING, RULES, LINES, WORDS, WHOLE = (
    f"tests/test_doctor{part}.py" for part in ("_reading", "_rules", "_lines", "_words", "")
)
TESTS = {
    "greenlit/calculator/arithmetic.mjs": ["tests/test_calculator.py"],
    "greenlit/calculator/page.mjs": ["tests/test_calculator_page.py"],
    "greenlit/doctor/lines.mjs": [LINES, WHOLE],
    "greenlit/doctor/words.mjs": [WORDS, WHOLE],
    "greenlit/doctor/reading.mjs": [READING, RULES, WHOLE],
    "greenlit/doctor/search.mjs": [RULES, READING, WHOLE],
    "greenlit/doctor/diagnose.mjs": [RULES, WORDS, READING, WHOLE],
}
"""The scripts and their tests, the likeliest to notice something first."""
WORKERS = 2
PROCESSOR_SECONDS = 4  # More than any process of these tests needs: an endless loop ends here.
LONGEST = 300  # Seconds, for what waits instead.

MARK = re.compile(r"// mutant (?P<name>.+?): \S.{9,}")


# Which of them survive ---------------------------------------------------------------------------


def survivors(number: int, only: str) -> Iterator[Mutant]:
    """Of a worker's share, in its copy of the project, those with which all tests pass."""
    for path in TESTS:
        original = (HERE.root / path).read_text()
        share = mutants(path, only)[number::WORKERS]
        if share and _run_tests(path) != 0:
            raise Mistake(f"{path}: its tests fail as it stands: pytest {' '.join(TESTS[path])}")
        for mutant in share:
            (HERE.root / path).write_text(original[: mutant.start] + mutant.new + original[mutant.end :])
            if _passes(path):
                yield mutant
        (HERE.root / path).write_text(original)


def _passes(path: str) -> bool:
    """Run the tests in a fork of this process, which has loaded them. Whatever they started ends with them."""
    child = multiprocessing.get_context("fork").Process(target=_in_fork, args=(path,))
    child.start()
    try:
        child.join(LONGEST)
        return child.exitcode == 0
    finally:
        if child.pid and child.is_alive():
            os.killpg(child.pid, signal.SIGKILL)


def _in_fork(path: str) -> None:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    os._exit(_run_tests(path))


def _run_tests(path: str) -> int:
    options = "-x -q --tb=no --noconftest -o addopts= -W ignore -p no:cacheprovider"
    return int(pytest.main([*options.split(), *(str(HERE.root / test) for test in TESTS[path])]))


# What is said of them ----------------------------------------------------------------------------


def explained(path: str) -> dict[tuple[int, str], int]:
    """The line and the name of each mutant that the source explains, and the line of the explanation."""
    marks: dict[tuple[int, str], int] = {}
    lines = (HERE.root / path).read_text().splitlines()
    code = [number for number, line in enumerate(lines, 1) if line.split("//")[0].strip()]
    for number, line in enumerate(lines, 1):
        if "// mutant " in line:
            match = MARK.search(line)
            if match is None:
                raise Mistake(f"{path}:{number}: write '// mutant < -> <=: why that could not be observed'")
            marks[next(at for at in code if at >= number), match["name"]] = number
    return marks


def report(alive: list[Mutant], only: str) -> Iterator[str]:
    """What is left to do: survivors without an explanation, and explanations of what does not survive."""
    for path in TESTS:
        marks, lines = explained(path), (HERE.root / path).read_text().splitlines()
        here = {(mutant.line, mutant.name): mutant for mutant in alive if mutant.path == path}
        for key in here.keys() - marks.keys():
            yield f"{here[key].place}: '{key[1]}' survives: test it, delete it or explain it: {lines[key[0] - 1].strip()}"
        for key in marks.keys() - here.keys():
            if re.search(only, f"{path}:{key[0]}"):
                yield f"{path}:{marks[key]}: '{key[1]}' does not survive: delete the explanation"


def _worker(tree: Path, number: int, only: str) -> subprocess.Popen[str]:
    HERE.copy(tree)
    command = [sys.executable, "-m", "greenlit.proof.mutants", only, str(number), str(tree / "survivors")]
    surroundings = {**os.environ, "PYTHONPATH": str(tree), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.Popen(command, cwd=tree, env=surroundings, stdout=subprocess.DEVNULL, text=True)


def main(only: str = "", number: str = "", out: str = "") -> None:
    if number:
        with Path(out).open("w") as file:
            file.writelines(f"{json.dumps(mutant)}\n" for mutant in survivors(int(number), only))
        return
    with tempfile.TemporaryDirectory() as folder:
        trees = [Path(folder) / str(number) for number in range(WORKERS)]
        workers = [_worker(tree, number, only) for number, tree in enumerate(trees)]
        ended = [worker.wait() for worker in workers]
        if any(ended):
            sys.exit(1)
        alive = [Mutant(*json.loads(line)) for tree in trees for line in (tree / "survivors").open()]
    made = sum(len(mutants(path, only)) for path in TESTS)
    left = sorted(report(alive, only))
    print(
        *left,
        f"{made} mutants: {made - len(alive)} noticed, {len(alive)} survive, {len(left)} to do",
        sep="\n",
    )
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Mistake as mistake:
        sys.exit(str(mistake))
