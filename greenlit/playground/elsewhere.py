"""What Python on this machine does with a file that a browser runs as well, and what each of its lines did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from greenlit.proof.run import Case, Ending, bare
from snippets.toolkit.ledger import Entry, Ledger

Deeds = list[Any]


def watched(case: Case) -> tuple[Ending, Deeds]:
    with Ledger([case.file]) as ledger:
        ending = bare(case)
    return ending, deeds(ledger.entries)


def deeds(entries: list[Entry]) -> Deeds:
    """As `browser/run.py` sends them to the page."""
    found = [
        [entry.line, entry.code, entry.leaving, [[e.kind, e.text, e.connection] for e in entry.events]]
        for entry in entries
        if entry.path
    ]
    return list(json.loads(json.dumps(found)))


def plain(found: Deeds, folder: str | Path) -> Deeds:
    """Without the folder of the run."""
    return list(json.loads(json.dumps(found).replace(str(folder), "")))
