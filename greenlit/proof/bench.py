"""What the proof costs, from one run on one machine: `make bench`

The same files are run unwatched, and must end as they do when they are watched.

Machines are noisy: read the ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from greenlit import Mistake
from greenlit.project import HERE
from greenlit.proof import pace, services, toolkit_cost
from greenlit.proof.apart import STEM, spent, stem
from greenlit.proof.database import Stage, postgres
from greenlit.proof.prove import prove
from greenlit.proof.run import Rejected, unwatched
from greenlit.snippet import Snippet

ROUNDS = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="part of the snippets' names; all by default")
    only = parser.parse_args().only
    snippets = [snippet for snippet in HERE.all() if only in snippet.name]
    try:
        _proof([snippet for snippet in snippets if not services.missing(snippet.needs)])
        _suite(only)
        _toolkit()
    except (Mistake, Rejected) as error:
        sys.exit(f"there is nothing to measure: {error}")
    for verb, stamp in (("serve", ".venv/docs.stamp"), ("test", ".venv/all.stamp")):
        first, second = _set_up(stamp)
        print(f"make {verb:<6} first set-up:  {first:6.1f} s, then {second:.2f} s (packages in uv's cache)")


def _proof(snippets: list[Snippet]) -> None:
    """One run after the other, bare and proven by turns.

    A bare run, too, has a process and a folder of its own, where everything is imported: nobody watches, that is all.
    """
    cases = [(snippet, driver) for snippet in snippets for driver in snippet.drivers]
    print(f"{len(cases)} runs of {len(snippets)} snippets; the best of {ROUNDS} rounds, interleaved")
    costs = []
    with (
        tempfile.TemporaryDirectory() as folder,
        stem() as os.environ[STEM],
        postgres() as server,
        contextlib.closing(Stage(server, Path(folder))) as stage,
    ):
        for snippet, driver in cases:
            jobs = partial(unwatched, snippet, driver, stage), partial(prove, snippet, driver, stage)
            costs.append(list(zip(*[_cost(job) for _ in range(ROUNDS) for job in jobs], strict=True)))
    del os.environ[STEM]  # What comes next has one of its own.
    for unit, column in (("processor", 0), ("clock", 1)):
        best = [(min(tries[column][0::2]), min(tries[column][1::2])) for tries in costs]
        bare, proven = (sum(times) for times in zip(*best, strict=True))
        middle = statistics.median(one[1] / one[0] for one in best)
        each = (proven - bare) / len(cases) * 1000
        print(
            f"{f'{unit}, one at a time:':<26}{bare:6.1f} s bare, {proven:6.1f} s proven: {proven / bare:.2f} x, "
            f"{each:.0f} ms a run (median {middle:.2f} x; target 1.30)"
        )


def _cost(job: Callable[[], object]) -> tuple[float, float]:
    processor, clock = spent(), time.perf_counter()
    job()
    return spent() - processor, time.perf_counter() - clock


def _suite(only: str) -> None:
    """All of it by pytest, on all cores: how long, whether later runs cost more, and how much memory."""
    mark = f"GREENLIT_BENCH={secrets.token_hex(8)}"
    command = ["env", mark, sys.executable, "-m", "pytest", "-q", "tests/test_snippets.py", "-k", only]
    begun, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as out:
        suite = subprocess.Popen(command, cwd=HERE.root, stdout=out)
        while suite.poll() is None:
            peak = max(peak, _memory(mark.encode()))
            time.sleep(0.5)
        out.seek(0)
        said = out.read()
    if suite.returncode:
        raise Mistake(f"tests/test_snippets.py fails:\n{said[-3000:]}")
    print(f"proven, all cores:        {time.perf_counter() - begun:6.1f} s")
    print(*re.findall(f"{pace.WORDS}.*", said), sep="\n")
    print(f"memory at the most:       {peak / 2**30:6.2f} GiB, shared pages once, server included (target 2)")


def _memory(mark: bytes) -> int:
    """What all processes that inherited a mark use together. A PostgreSQL server's children have overwritten it."""
    parents, used, marked = {}, {}, set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                marked.add(process.name)
            parents[process.name] = (process / "stat").read_text().rpartition(") ")[2].split()[1]
            pss = re.search(r"^Pss: +(\d+) kB", (process / "smaps_rollup").read_text(), re.MULTILINE)
            used[process.name] = int(pss[1]) * 1024 if pss else 0
    return sum(size for process, size in used.items() if marked & {process, parents[process]})


def _toolkit() -> None:
    """What the toolkit costs who switches it on; its docstrings state it."""
    with postgres() as server:
        toolkit_cost.record(server.replace("postgresql://", "postgresql+asyncpg://"))


def _set_up(stamp: str) -> tuple[float, float]:
    """A fresh clone until the verb's work could begin, and the same once more."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(HERE.root), str(clone)], check=True)
        times = []
        for _ in range(2):
            begun = time.perf_counter()
            environment = {
                k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
            }
            subprocess.run(["make", "--silent", stamp], cwd=clone, env=environment, check=True)
            times.append(time.perf_counter() - begun)
        return times[0], times[1]


if __name__ == "__main__":
    main()
