"""What a ledger leaves out, and what it must keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenlit.normalise import ANY, PATTERNS, TOLD, normalise

CASES = {
    "an address in memory": ("<User at 0x7f3a2c1d>", "<User at 0x...>", "0x1f of 0xffff"),
    "a port after its host": (
        "at localhost:54321",
        "at localhost:PORT",
        "localhost:123 and example.org:5432",
    ),
    "a port as the system and libpq say it": (
        """('127.0.0.1', 54321) "127.0.0.1", port 5432 failed""",
        """('127.0.0.1', PORT) "127.0.0.1", port PORT failed""",
        "port 54321",
    ),
    "a parameter named after an address": ("%(140234567 param)s", "%(... param)s", "%(id_1)s %(12 name)s"),
    "psycopg's cursor, named after an address": ('"c_7f00c6b44f90_1f"', '"c_N"', "abc_7f00c6b44f90_1 c_1_2"),
    "where our own server listens": (
        "/tmp/x/greenlit-ab12/data/.s.PGSQL.5432",
        "SOCKET",
        "/tmp/greenlit/data",
    ),
    "where Python is installed": (
        "/opt/lib/python3.11/asyncio/x.py",
        "asyncio/x.py",
        "/opt/lib/python2/x.py",
    ),
    "the numbers of two sessions": (
        "attached to session '3' (this is '4')",
        "attached to session 'N' (this is 'M')",
        "session '3'",
    ),
    "the number of a task": ("<Task name='Task-12'>", "<Task name='Task-N'>", "Task-12b and task-3"),
    "the processes of a deadlock": (
        "Process 71 waits; blocked by process 72.",
        "Process N waits; blocked by process N.",
        "process 5 and Processes 6",
    ),
    "the transaction that a deadlock waits for": (
        "waits for ShareLock on transaction 733;",
        "waits for ShareLock on transaction N;",
        "on transaction 733",
    ),
    "the virtual one": (
        "waits for ShareLock on virtual transaction 23/2;",
        "waits for ShareLock on virtual transaction N/N;",
        "on virtual transaction 23/2",
    ),
    "the number of a schema": (
        "Key (typname, typnamespace)=(countries, 16405) already exists.",
        "Key (typname, typnamespace)=(countries, N) already exists.",
        "Key (name, year)=(countries, 2026) already exists.",
    ),
    "the lock that it waits for": (
        "waits for ExclusiveLock on advisory lock [16386,0,1,1];",
        "waits for ExclusiveLock on advisory lock [N];",
        "advisory lock [1,2]",
    ),
}


def test_every_pattern_has_a_case() -> None:
    assert CASES.keys() == PATTERNS.keys()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", TOLD)
def test_what_is_replaced_and_what_is_left_alone(name: str, kind: str) -> None:
    varies, instead, stays = CASES[name]
    assert normalise(varies, kind) == instead
    assert normalise(stays, kind) == stays


@pytest.mark.parametrize("name", [name for name, pattern in PATTERNS.items() if pattern.kinds == TOLD])
@pytest.mark.parametrize("kind", ["sql", "txn", "pool"])
def test_what_a_snippet_sends_stays_as_it_is(name: str, kind: str) -> None:
    """A statement about process 5 is another one than about process 6."""
    varies, _, _ = CASES[name]
    assert normalise(varies, kind) == varies


@pytest.mark.parametrize("name", [name for name, pattern in PATTERNS.items() if pattern.kinds == ANY])
def test_names_that_sqlalchemy_makes_from_addresses_vary_in_sql_too(name: str) -> None:
    varies, instead, _ = CASES[name]
    assert normalise(varies, "sql") == instead


def test_the_file_that_was_run_has_the_name_that_readers_know() -> None:
    text = "  /tmp/x/query_ab.py is no module  \n\n"
    assert (
        normalise(text, "raised", file=Path("/tmp/x/query_ab.py"), shown="query.py")
        == "query.py is no module"
    )
