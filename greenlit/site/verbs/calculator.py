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
    ("workers", "Workers per machine", 4, 1, 1000, 1),
    ("replicas", "Machines or containers", 2, 1, 10_000, 1),
    ("poolSize", "pool_size", 5, 1, 10_000, 1),
    ("maxOverflow", "max_overflow", 10, 0, 10_000, 1),
    ("maxConnections", "max_connections of the server", 100, 1, 262_143, 1),
    ("reserved", "of these reserved", 3, 0, 262_143, 1),
    ("heldMs", "A request holds a connection for, ms", 50, 0.1, 3_600_000, "any"),
    ("rate", "Requests a second, in all", 1100, 0, 1_000_000, "any"),
)
"""Name, label, and of the value: the one that is there first, the least, the most, the step. For this example the pool is as large as the one that the guides copy."""


def check(project: Project, target: str) -> None:
    targets.nothing(target)


def render(page: Page, target: str) -> etree.Element:
    check(page.project, target)
    return page.box(form())


def form() -> str:
    inputs = "".join(_field(*field) for field in FIELDS)
    return (
        f'<form class="gl-calculator"><div class="gl-inputs">{inputs}</div>'
        "<noscript><p>This needs JavaScript; the arithmetic is explained below.</p></noscript>"
        '<p class="gl-blocked" hidden>calculator.js was not loaded, so nothing is calculated here. The arithmetic is explained below.</p>'
        '<dl aria-live="polite"></dl><div class="highlight"><pre tabindex="0"><code></code></pre></div></form>'
    )


def _field(name: str, label: str, value: float, least: float, most: float, step: float | str) -> str:
    return (
        f'<div><label>{label}<input type="number" name="{name}" value="{value}" min="{least}" max="{most}" '
        f'step="{step}" inputmode="decimal" aria-describedby="gl-{name}"></label>'
        f'<small id="gl-{name}" aria-live="polite"></small></div>'
    )
