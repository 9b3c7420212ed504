"""What is made from the built site, whatever built it: `make build` does it for MkDocs.

After Zensical, or on a host that builds by itself: `python -m greenlit.site.after site`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from greenlit.playground.place import place
from greenlit.project import HERE, Project
from greenlit.site import cards, feed, head, machines, moved, policy, published, search_index, zensical

STEPS: list[Callable[[Project, Path], None]] = [
    zensical.write,
    place,
    published.without_markers,
    published.without_unused_styles,
    head.write,
    cards.write,
    feed.write,
    machines.write,
    search_index.write,
    moved.send_on,
    policy.write,  # The last one: it reads the pages as they are published.
]
"""Each gets the project and the folder with the site, and may rely on those before it."""


def finish(project: Project, site: Path) -> None:
    for step in STEPS:
        step(project, site)


if __name__ == "__main__":
    finish(HERE, Path(sys.argv[1]))
