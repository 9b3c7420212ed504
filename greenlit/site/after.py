"""What is made from the built site, whatever built it: `make build` does it for MkDocs.

After Zensical, or on a host that builds by itself: `python -m greenlit.site.after site`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from greenlit.playground.place import place
from greenlit.project import HERE, Project
from greenlit.site import cards, feed, head, machines, moved, policy, published, search_index, zensical

Step = Callable[[Project, Path], None]

FIRST: list[Step] = [
    zensical.write,
    published.without_markers,
    published.without_unused_styles,
    head.write,
]
"""What changes pages: each gets the project and the folder with the site, and may rely on those before it."""

LANES: list[list[Step]] = [
    [machines.write],
    [place, cards.write, feed.write, search_index.write],
]
"""What only reads pages, and writes files of its own: each lane beside the others."""

LAST: list[Step] = [
    moved.send_on,
    policy.write,  # It reads the pages as they are published.
]


def finish(project: Project, site: Path) -> None:
    _walk(FIRST, project, site)
    if threading.active_count() > 1:  # Not to be forked: what a thread holds would be held for ever.
        _walk([step for lane in LANES for step in lane], project, site)
    else:
        with beside(len(LANES)) as processes:
            for walked in [processes.submit(_walk, lane, project, site) for lane in LANES]:
                walked.result()
    _walk(LAST, project, site)


def _walk(steps: list[Step], project: Project, site: Path) -> None:
    for step in steps:
        step(project, site)


def beside(count: int) -> ProcessPoolExecutor:
    """Processes that are forked from this one, and so begin with all that it has read."""
    return ProcessPoolExecutor(count, mp_context=get_context("fork"))


if __name__ == "__main__":
    finish(HERE, Path(sys.argv[1]))
