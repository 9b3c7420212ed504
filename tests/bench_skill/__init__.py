"""Twelve tasks for a coding agent, each with a check that runs its answer: does the skill help?

`python -m tests.bench_skill ANSWERS/` prints a score. ANSWERS has a file for each task, `patch.py` for `tasks/patch/task.md`.
The checks run what they are given: give them the answers of strangers only where these may run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from greenlit.project import HERE

FOLDER = Path(__file__).resolve().parent / "tasks"
TASKS = sorted(path.parent.name for path in FOLDER.glob("*/task.md"))
LONGEST = 240
"""Seconds that an answer may take, on a busy machine too: one that hangs has failed."""


def why_not(task: str, answer: Path) -> str:
    """Why an answer fails the check of its task; nothing if it passes."""
    if not answer.is_file():
        return "no answer"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/bench.db"
        try:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench_skill.one", task, str(answer.resolve())],
                cwd=folder, env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(HERE.root)},
                capture_output=True, text=True, check=False, timeout=LONGEST,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"it took more than {LONGEST} seconds"
    if done.returncode == 0:
        return ""
    said = (done.stdout or done.stderr).strip().splitlines()
    return said[-1] if said else f"it ended with {done.returncode}"
