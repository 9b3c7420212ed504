"""What readers copy."""

from __future__ import annotations

import pytest

from greenlit.census import practice
from tests.proof_of_proof.workshop import HEADER, Workshop

LISTENER = (
    HEADER
    + """
from sqlalchemy import event
from sqlalchemy.pool import Pool


@event.listens_for(Pool, "checkin")
def came_back(_connection: object, record: object) -> None:
    print(record.info["since"])
"""
)


@pytest.mark.parametrize(
    "old, new",
    [
        ("checkin", "checkin"),
        ("checkin", "close"),
        ('@event.listens_for(Pool, "checkin")\n', ""),
        ('print(record.info["since"])', 'record.info["held"] = record.info["since"]'),
    ],
)
def test_a_listener_that_trusts_that_another_ran(workshop: Workshop, old: str, new: str) -> None:
    source = LISTENER.replace(old, new) + 'event.listen(Pool, "invalidate", came_back)\n'
    workshop.write("listener", source)
    message = workshop.census(practice.no_listener_trusts_that_another_ran)
    assert message.startswith("snippets/topic/listener.py:")
    assert "reads info[...], and nothing may be there: use info.pop(key, None) or info.get(key)" in message


@pytest.mark.parametrize(
    "old, new",
    [
        ('record.info["since"]', 'record.info.pop("since", None)'),
        ('print(record.info["since"])', 'record.info["back"] = True'),
        ("checkin", "connect"),
    ],
)
def test_a_listener_that_needs_no_other(workshop: Workshop, old: str, new: str) -> None:
    workshop.write("listener", LISTENER.replace(old, new))
    assert workshop.census(practice.no_listener_trusts_that_another_ran) == ""


def test_a_server_that_outlives_an_error(workshop: Workshop) -> None:
    stops = "    server.should_exit = True\n    await task\n"
    workshop.write("leaks", HEADER + "async def serving(server, task):\n    yield\n" + stops)
    message = workshop.census(practice.every_server_is_stopped)
    assert message.startswith("snippets/topic/leaks.py:7: stops the server only if nothing was raised before")
    healed = "async def serving(server, task):\n    try:\n        yield\n    finally:\n    "
    workshop.write("leaks", HEADER + healed + stops.replace("\n    a", "\n        a"))
    assert workshop.census(practice.every_server_is_stopped) == ""


def test_a_file_that_misleads_without_a_database(workshop: Workshop) -> None:
    workshop.write("bare", HEADER + 'import os\n\nurl = os.environ["DATABASE_URL"]\n')
    message = workshop.census(practice.every_file_runs_bare_or_says_what_it_needs)
    assert message.startswith("snippets/topic/bare.py:7: DATABASE_URL has another default than everywhere")


def test_a_copy_that_differs(workshop: Workshop) -> None:
    workshop.write("copied", HEADER + "async def serving():\n    yield\n")
    message = workshop.census(practice.every_copy_of_a_shared_function_is_the_same)
    assert message.startswith("snippets/topic/copied.py:5: 'serving' yields what it does not say")
