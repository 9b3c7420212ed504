"""The snippets that were seen to do in a browser what they do elsewhere."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from greenlit.project import HERE, Project

NAME = "agreed.txt"
"""Written by `greenlit/gate.py`; `tests/site/test_playground_gate.py` runs some of them again."""


def is_left_out() -> bool:
    """A site may be built without what runs snippets: PLAYGROUND=0."""
    return os.environ.get("PLAYGROUND") == "0"


LINE = re.compile(r"(?P<name>\S+) (?P<digest>\w+)(?P<but> but for the ledger)?")


class Seen(NamedTuple):
    digest: str
    """Of the file that was run: what has changed since was not seen."""
    ledger: bool = True
    """Whether each of its lines did what it does elsewhere."""


def listing(project: Project) -> Path:
    return project.root / "greenlit" / "playground" / NAME


def read(path: Path) -> dict[str, Seen]:
    lines = path.read_text().splitlines() if path.is_file() else []
    found = filter(None, map(LINE.fullmatch, lines))
    return {match["name"]: Seen(match["digest"], not match["but"]) for match in found}


def text(seen: dict[str, Seen]) -> str:
    return "".join(
        f"{name} {digest}{'' if ledger else ' but for the ledger'}\n"
        for name, (digest, ledger) in sorted(seen.items())
    )


@cache
def _seen() -> dict[str, Seen]:
    return read(listing(HERE))


def agreed() -> frozenset[str]:
    return frozenset(_seen())


def without_a_ledger() -> frozenset[str]:
    """Those that run there, but whose ledger is not shown."""
    return frozenset(name for name, seen in _seen().items() if not seen.ledger)
