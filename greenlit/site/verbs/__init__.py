"""The directives: a module for each, named as it is written on a page.

Its docstring says what the directive shows, `EXAMPLE` what stands behind its name. `check` raises a Mistake for
a target that leads nowhere and is all that the census asks for; `render` makes the HTML.
"""

from __future__ import annotations

import xml.etree.ElementTree as etree
from typing import Protocol

from greenlit import Mistake
from greenlit.project import Project
from greenlit.site import targets
from greenlit.site.page import Page
from greenlit.site.verbs import (
    calculator,
    chart,
    claims,
    code,
    doctor,
    error,
    errors,
    exemptions,
    explains,
    file,
    fix,
    playground,
    proven,
    releases,
    snippet,
    table,
    terminal,
    timeline,
    upgrades,
    whole,
)


class Verb(Protocol):
    __doc__: str | None
    EXAMPLE: str
    TARGET: str

    def check(self, project: Project, target: str) -> None: ...

    def render(self, page: Page, target: str) -> etree.Element: ...


VERBS: dict[str, Verb] = {
    "snippet": snippet,
    "code": code,
    "whole": whole,
    "file": file,
    "fix": fix,
    "claims": claims,
    "releases": releases,
    "upgrades": upgrades,
    "table": table,
    "terminal": terminal,
    "timeline": timeline,
    "chart": chart,
    "error": error,
    "errors": errors,
    "explains": explains,
    "doctor": doctor,
    "calculator": calculator,
    "proven": proven,
    "playground": playground,
    "exemptions": exemptions,
}

SHOW_A_SECTION = tuple(name for name, verb in VERBS.items() if verb.TARGET == targets.SECTION)
SHOW_A_RUN = tuple(name for name, verb in VERBS.items() if verb.TARGET in (targets.SECTION, targets.FILE))


def verb(name: str) -> Verb:
    if name not in VERBS:
        raise Mistake(f"there is no @{name}: there are @{', @'.join(VERBS)}")
    return VERBS[name]


def listing() -> list[str]:
    """One line for each, as CONTRIBUTING.md has them."""
    lines = []
    for name, module in VERBS.items():
        summary = (module.__doc__ or "").splitlines()[0].rstrip(".")
        lines.append(f"{f'@{name} {module.EXAMPLE}'.rstrip():<46}  {summary[0].lower()}{summary[1:]}")
    return lines
