"""The snippets that were seen to do in a browser what they do elsewhere."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

AGREED = Path(__file__).with_name("agreed.txt")
"""Written by `greenlit/gate.py`; `tests/site/test_playground_gate.py` runs some of them again."""


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
