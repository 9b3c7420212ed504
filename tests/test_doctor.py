"""The doctor, asked as people ask: with a last line, a log, a foreign traceback, with something hostile."""

from __future__ import annotations

import subprocess
from collections import Counter

import pytest

from greenlit.doctor.ask import diagnosed
from greenlit.doctor.diagnose import CLI, node
from greenlit.error_index import error_pages
from greenlit.project import HERE
from greenlit.record import Record

LAZY = "greenlet_spawn has not been called; can't call await_only() here. Was IO attempted in an unexpected place?"
NOISE = "INFO all is well\n" * 150
POOL = "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00"


def first(text: str) -> str:
    [found] = diagnosed([text])
    return found[0] if found else ""


def test_every_message_leads_to_its_page() -> None:
    """What a page says its error says is enough to find it among the five, unless more pages than five say it."""
    said = Counter(words for page in error_pages(HERE) for words in page.says)
    asked = [
        (page.slug, words.replace("*", " x "))
        for page in error_pages(HERE)
        if page.shared is not True
        for words in page.says
        if said[words] <= 5
    ]
    answers = diagnosed([words for _, words in asked])
    lost = [
        (slug, words, found) for (slug, words), found in zip(asked, answers, strict=True) if slug not in found
    ]
    assert not lost, "\n".join(f"{slug}: {words!r} leads to {found}" for slug, words, found in lost)


def test_every_captured_error_leads_to_its_page() -> None:
    """The last lines alone, as the runs of each driver raised them: the page is among the first three."""
    asked: list[tuple[str, str]] = []
    for page in error_pages(HERE):
        twin = HERE.snippet(page.fix).twin if page.fix else None
        for run in Record.of(HERE.snippet(twin)).runs if twin else []:
            # Of an assertion, and of a class without a text, the last line says nothing.
            # With SQLAlchemy 2.0, asyncpg's last line is that of any connection that is gone.
            if (
                run.release
                and page.slug == "idle_in_transaction"
                and "connection is closed" in (run.raised or "")
            ):
                continue
            if run.raised and ": " in run.raised and not run.raised.startswith("AssertionError"):
                # Python's own words say nothing alone: some frame above them names the stack.
                named = "sqlalchemy/engine/base.py\n" if page.common or page.shared is True else ""
                asked.append((page.slug, named + run.raised))
    lost = [
        f"{slug}: {text!r} leads to {found}"
        for (slug, text), found in zip(asked, diagnosed([text for _, text in asked]), strict=True)
        # Nothing but the frames tells the causes of a bare MissingGreenlet apart.
        if slug not in found[:3] and "MissingGreenlet" not in text
    ]
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: (
            f'{{"level": "error", "exc": "Traceback (most recent call last):\\n  File \\"a.py\\"\\n{text}"}}'
        ),
        lambda text: f"\x1b[31m{text}\x1b[0m".replace("limit", "\x1b[1mlimit\x1b[0m"),
        lambda text: "\n".join(f"api-1  | {line}" for line in text.split(" reached,")),
        lambda text: f"│ {text[:70]} │\n│ {text[70:]} │",
        lambda text: f"C:\\new\\app\\site-packages\\sqlalchemy\\pool\\impl.py\r\n{text}\r\n",
        lambda text: text.replace("'", "&#39;").upper(),
        lambda text: f"{NOISE}{text}\n{NOISE}",
        lambda text: f"sentry: {text[:96]}…",
    ],
    ids=["json", "colours", "compose", "rich", "windows", "html", "middle", "cut"],
)
def test_a_message_is_found_however_it_is_wrapped(wrap: object) -> None:
    assert callable(wrap)
    assert first(wrap(POOL)) == "queuepool_limit_reached"


def test_a_message_that_breaks_off_counts_only_beside_our_stack() -> None:
    half = "InvalidRequestError: A transaction is already beg…"
    assert first(f"sqlalchemy.exc.{half}") == "transaction_already_begun"
    assert first(half) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "500 Internal Server Error",
        "RuntimeError: Task <Task pending> got Future <Future pending> attached to a different loop\n"
        '  File "/app/.venv/lib/python3.12/site-packages/aioredis/connection.py", line 344, in disconnect',
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for Comment\nbody\n  Field required",
        'File "requests/adapters.py"\nurllib3.exceptions.MaxRetryError: HTTPConnectionPool: Max retries exceeded',
        "django.db.utils.OperationalError: database is locked",
        'RuntimeError: Event loop is closed\n  File "aiohttp/connector.py", line 12, in close',
        "KeyError: 'name'",
        "ModuleNotFoundError: No module named 'numpy'",
        "AttributeError: 'coroutine' object has no attribute 'json'",
        "motor.errors: connection refused [Errno 111] Connect call failed ('127.0.0.1', 27017)",
        'tortoise/backends/asyncpg/client.py", line 91\nasyncpg.exceptions.TooManyConnectionsError: sorry, too many clients',
        "LibPQ.execute: ERROR: cannot insert multiple commands into a prepared statement",
        "TimeoutError",
        "asyncio.exceptions.CancelledError",
        "sync and async greenlet expired commit session rollback pool",
    ],
)
def test_nothing_is_claimed_on_what_is_not_ours(text: str) -> None:
    assert first(text) == ""


def test_a_terminal_gets_the_same_answer() -> None:
    done = subprocess.run(
        [node(), str(CLI), "-"], input=f"some log\n{POOL}\n", capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("1. queuepool_limit_reached")
    assert "»QueuePool limit of size" in done.stdout  # the line that decided, marked
    assert "guides/errors/queuepool_limit_reached/" in done.stdout
    assert "No diagnosis" not in done.stdout
    done = subprocess.run(
        [node(), str(CLI), "-"], input="KeyError: 1", capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("No diagnosis.")
