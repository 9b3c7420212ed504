"""Where a pool is calculated.

Numbers in, an answer below; a script calculates.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree

from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page

EXAMPLE = TARGET = targets.NOTHING

FIELDS = (
    ("workers", "Workers per machine", 4, 1),
    ("replicas", "Machines or containers", 2, 1),
    ("poolSize", "pool_size", 5, 1),
    ("maxOverflow", "max_overflow", 10, 0),
    ("maxConnections", "max_connections of the server", 100, 1),
    ("reserved", "of these reserved", 3, 0),
    ("heldMs", "A request holds a connection for, ms", 50, 0.1),
    ("rate", "Requests a second, in all", 1100, 0),
)
"""The example for which the pool is as large as the one that the guides copy."""


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    return page.box(form())


def form() -> str:
    inputs = "".join(
        f'<label>{label}<input type="number" name="{name}" value="{value}" min="{least}" step="any" inputmode="decimal"></label>'
        for name, label, value, least in FIELDS
    )
    return (
        f'<form class="gl-calculator"><div class="gl-inputs">{inputs}</div>'
        "<noscript><p>This needs JavaScript; the arithmetic is explained below.</p></noscript>"
        '<dl aria-live="polite"></dl><div class="highlight"><pre tabindex="0"><code></code></pre></div></form>'
    )
