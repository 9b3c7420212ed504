"""What the proof costs and what a page weighs, from one run on one machine: `make bench`

The same files are run unwatched, and must end as they do when they are watched.

Machines are noisy: read the ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

from greenlit.project import HERE
from greenlit.proof import services, toolkit_cost
from greenlit.snippet import Snippet

ROUNDS = 2


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="part of the snippets' names; all by default")
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    snippets = [snippet for snippet in HERE.all() if options.only in snippet.name]
    snippets = [snippet for snippet in snippets if not services.missing(snippet.needs)]
    if options.bare:
        _bare(snippets)
        return
    runs = sum(len(snippet.drivers) for snippet in snippets)
    print(f"{len(snippets)} snippets, {runs} runs on three drivers; best of {ROUNDS} rounds, interleaved")
    prove = [sys.executable, "-m", "pytest", "-q", "tests/test_snippets.py", "-k", options.only]
    bare, proven = float("inf"), float("inf")
    for _ in range(ROUNDS):
        bare = min(bare, _timed(sys.executable, "-m", "greenlit.proof.bench", "--bare", options.only))
        proven = min(proven, _timed(*prove, "-n", "0"))
    print(f"bare, one process:        {bare:6.1f} s")
    print(f"proven, one process:      {proven:6.1f} s  ({proven / bare:.2f} x bare, target 1.30)")
    print(f"overhead a run:           {(proven - bare) / runs * 1000:6.1f} ms")
    print(f"proven, all cores:        {_timed(*prove):6.1f} s")
    _toolkit()
    for verb, stamp in (("serve", ".venv/docs.stamp"), ("test", ".venv/all.stamp")):
        first, second = _set_up(stamp)
        print(f"make {verb:<6} first set-up:  {first:6.1f} s, then {second:.2f} s (packages in uv's cache)")
    with tempfile.TemporaryDirectory() as site:
        took = _timed(sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site)
    print(f"strict build:             {took:6.1f} s")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-s",
        "tests/site/test_assets.py",
        "-k",
        "test_weight",
    ]
    said = subprocess.run(command, cwd=HERE.root, capture_output=True, text=True, check=False).stdout
    print(
        next(
            iter(re.findall("heaviest page.*", said)),
            "the weight could not be measured: is there a Chromium?",
        )
    )


def _timed(*command: str) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=HERE.root, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(
            f"{' '.join(command[1:])} failed, so there is nothing to measure:\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
        )
    return time.perf_counter() - begun


def _bare(snippets: list[Snippet]) -> None:
    """The same files on the same databases, run and forgotten."""
    from greenlit.proof.database import Stage, postgres
    from greenlit.proof.watch import qualified

    warnings.simplefilter("ignore")
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres() as server,
        contextlib.closing(Stage(server, Path(folder))) as stage,
    ):
        for snippet in snippets:
            for driver in snippet.drivers:
                os.environ.update(stage.environment(snippet, driver))
                sys.argv = [str(snippet.path)]
                ended = ""
                try:
                    with contextlib.redirect_stdout(io.StringIO()):
                        runpy.run_path(str(snippet.path), run_name="__main__")
                except Exception as error:
                    ended = qualified(type(error))
                if ended != "" if not snippet.raises else ended not in snippet.raises:
                    # Whoever watches must not change what is seen.
                    sys.exit(
                        f"{snippet.shown_path} on {driver}: unwatched it ends with {ended or 'no error'}"
                    )


def _toolkit() -> None:
    """What the toolkit costs who switches it on; its docstrings state it."""
    from greenlit.proof.database import postgres

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
