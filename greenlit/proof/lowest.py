"""Do snippets run on the oldest versions that their metadata allows? One of each set of dependencies: `make lowest`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from greenlit.project import HERE
from greenlit.snippet import Snippet


def main() -> None:
    chosen = {tuple(snippet.dependencies): snippet for snippet in HERE.all() if _runs_bare(snippet)}
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    failed = 0
    for dependencies, snippet in chosen.items():
        command = ["uv", "run", "--isolated", "--no-project", "--quiet", "--resolution", "lowest-direct"]
        for need in snippet.requirements:  # Without a bound, the newest is meant, and not the first ever.
            version = need.bounds or f"=={HERE.locked[need.package]}"
            command += ["--with", f"{need.package}{need.extras}{version}"]
        with tempfile.TemporaryDirectory() as folder:
            command += ["python", str(snippet.path)]
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False
            )
        failed += bool(done.returncode)
        last = (done.stderr.strip().splitlines() or [""])[-1] if done.returncode else "runs"
        print(f"{snippet.shown_path}: {', '.join(dependencies)}: {last}", flush=True)
    sys.exit(f"{failed} of {len(chosen)} do not run: raise a lower bound" if failed else None)


def _runs_bare(snippet: Snippet) -> bool:
    return "aiosqlite" in snippet.drivers and not snippet.breaks and not snippet.needs


if __name__ == "__main__":
    main()
