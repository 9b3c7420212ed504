"""What differs from run to run, and so stays out of a ledger. This is the only place that takes something out.

What a snippet sends (SQL, transactions, the pool's events) is its own doing and stays as it is, but for
two names that SQLAlchemy makes from addresses. What it is told (a server's answer, an exception) names
processes, ports and addresses of one run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TOLD = ("error", "raised")
ANY = ("sql", *TOLD)


@dataclass(frozen=True)
class Pattern:
    regex: str
    instead: str
    kinds: tuple[str, ...] = TOLD
    """The kinds of deeds in which this may be replaced."""


PATTERNS = {
    "an address in memory": Pattern(r"0x[0-9a-f]{6,}", "0x..."),
    "a port after its host": Pattern(r"(127\.0\.0\.1|localhost):\d{4,5}\b", r"\1:PORT"),
    "a port as the system and libpq say it": Pattern(
        r"""(127\.0\.0\.1(?:', |", port ))\d{4,5}\b""", r"\1PORT"
    ),
    "a parameter named after an address": Pattern(r"%\(\d{6,} ", "%(... ", ANY),
    "psycopg's cursor, named after an address": Pattern(r"\bc_[0-9a-f]{6,}_[0-9a-f]+", "c_N", ANY),
    "where our own server listens": Pattern(r"/\S*/greenlit-\w+/data/\S*", "SOCKET"),
    "where Python is installed": Pattern(r"/\S*/lib/python3\.\d+/", ""),
    "the numbers of two sessions": Pattern(r"session '\d+' \(this is '\d+'\)", "session 'N' (this is 'M')"),
    "the number of a task": Pattern(r"\bTask-\d+\b", "Task-N"),
    "the processes of a deadlock": Pattern(r"\b(Process|blocked by process) \d+\b", r"\1 N"),
    "the transaction that a deadlock waits for": Pattern(r"\b(waits for \w+ on transaction) \d+\b", r"\1 N"),
    "the virtual one": Pattern(r"\b(waits for \w+ on virtual transaction) \d+/\d+\b", r"\1 N/N"),
    "the number of a schema": Pattern(r"\b(\w+namespace\)=\(\w+), \d+\)", r"\1, N)"),
    "the lock that it waits for": Pattern(r"\b(waits for \w+ on advisory lock) \[[\d,]+\]", r"\1 [N]"),
}
"""Each with a name, for the test that shows what it replaces and what it must leave alone."""


def normalise(text: str, kind: str, *, file: Path | None = None, shown: str = "") -> str:
    """Take out what differs from run to run; a `file` that was run from elsewhere gets its `shown` name."""
    if file is not None:
        text = text.replace(str(file), shown)
    for pattern in PATTERNS.values():
        if kind in pattern.kinds:
            text = re.sub(pattern.regex, pattern.instead, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
