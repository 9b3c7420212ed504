"""The snippets that were seen to do in a browser what they do elsewhere, and their text as it runs there."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from greenlit.snippet import LOOKS_LIKE_MARKER

AGREED = Path(__file__).with_name("agreed.txt")
"""Written by `greenlit/gate.py`; `tests/site/test_playground_gate.py` runs all of them again."""


def is_left_out() -> bool:
    """A site may be built without what runs snippets: PLAYGROUND=0."""
    return os.environ.get("PLAYGROUND") == "0"


BUT = " but for the ledger"
"""What follows the name of a file whose lines are not seen to do what they do."""


@cache
def _lines() -> tuple[str, ...]:
    return tuple(AGREED.read_text().splitlines()) if AGREED.is_file() else ()


@cache
def agreed() -> frozenset[str]:
    return frozenset(line.removesuffix(BUT) for line in _lines())


@cache
def without_a_ledger() -> frozenset[str]:
    """Those that run there, but whose ledger is not shown."""
    return frozenset(line.removesuffix(BUT) for line in _lines() if line.endswith(BUT))


def without_markers(source: str) -> str:
    """As a reader wants to have it: at most two empty lines are left where a marker was. The editor does the same."""
    bare = "".join(line for line in source.splitlines(True) if not LOOKS_LIKE_MARKER.search(line))
    return re.sub(r"\n{4,}", "\n\n\n", bare)
