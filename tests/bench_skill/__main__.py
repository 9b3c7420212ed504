"""The score of a folder of answers, or of several side by side: with the skill, and without."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench_skill import FOLDER, TASKS, why_not


def main(folders: list[str]) -> None:
    if not folders:
        print(__doc__, "", "python -m tests.bench_skill ANSWERS/ [MORE/]", "The tasks:", sep="\n")
        print(*(FOLDER / task / "task.md" for task in TASKS), sep="\n")
        return
    for folder in folders:
        found = {task: why_not(task, Path(folder) / f"{task}.py") for task in TASKS}
        print(f"\n{folder}: {sum(not why for why in found.values())} of {len(found)}")
        for task, why in found.items():
            print(f"  {task:<14} {why or 'passes'}"[:160])


if __name__ == "__main__":
    main(sys.argv[1:])
