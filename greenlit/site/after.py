"""What is made from the built site, whatever built it: `make build` does it for MkDocs.

After Zensical, or on a host that builds by itself: `python -m greenlit.site.after site`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from greenlit.project import HERE, Project
from greenlit.site import policy, search_index


def snippets(project: Project, site: Path) -> None:
    """Each file is where its page says that it is. Zensical follows no link to a folder, and so leaves them out."""
    shutil.copytree(
        project.snippets, site / "snippets", ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "README.md"), dirs_exist_ok=True
    )  # fmt: skip


STEPS: list[Callable[[Project, Path], None]] = [
    snippets,
    search_index.write,
    policy.write,  # The last one: it reads the pages as they are published.
]
"""Each gets the project and the folder with the site, and may rely on those before it."""


def finish(project: Project, site: Path) -> None:
    for step in STEPS:
        step(project, site)


if __name__ == "__main__":
    finish(HERE, Path(sys.argv[1]))
