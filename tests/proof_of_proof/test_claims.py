"""Claims that are none: unproven, unshown, untrue, or that nothing can refute."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from greenlit.census import claims
from greenlit.claim import Claim
from greenlit.proof.run import Rejected
from greenlit.proof.shared import renewed
from greenlit.record import Run
from greenlit.site.generated import generated
from greenlit.snippet import Snippet
from tests.proof_of_proof.workshop import HEADER, Workshop, changed

FILE = (
    HEADER
    + '''\
# also: sqlalchemy==2.0.*
# drivers: aiosqlite (enough here)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_one_is_one(engine: AsyncEngine) -> None:
    """One is one."""
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    return ""


async def main() -> None:
    return


if __name__ == "__main__":
    asyncio.run(main())
'''
)
SELECT = 'assert await connection.scalar(text("SELECT 1")) == 1'


@pytest.fixture
def claim(workshop: Workshop) -> Snippet:
    snippet = renewed(workshop.write("claims", FILE))
    snippet.path.write_text(snippet.source)
    workshop.update(snippet)
    workshop.accept(snippet)
    return snippet


def test_its_ledger_keeps_where_it_holds(claim: Snippet) -> None:
    assert "printed: holds: One is one.\n" in claim.ledger_path.read_text()


def test_a_claim_that_no_longer_holds(workshop: Workshop, claim: Snippet) -> None:
    message = workshop.rejection(changed(claim, "SELECT 1", "SELECT 2"))
    assert "-printed: holds: One is one." in message
    assert (
        f"+printed: does not hold: One is one. (AssertionError: {SELECT.replace('SELECT 1', 'SELECT 2')})"
        in message
    )


def _rejected(workshop: Workshop, snippet: Snippet) -> str:
    with pytest.raises(Rejected) as rejected:
        workshop.update(snippet)
    return str(rejected.value)


@pytest.mark.parametrize(
    ("faulty", "message"),
    [
        (
            f"try:\n            {SELECT}\n        except AssertionError:\n            pass",
            "'One is one.' also holds on aiosqlite with this assertion turned round",
        ),
        (
            f"if engine is None:\n            {SELECT}",
            "'One is one.' does not come to this assertion on aiosqlite",
        ),
        (f"for _ in []:\n            {SELECT}", "'One is one.' does not come to this assertion on aiosqlite"),
    ],
    ids=["caught", "not reached", "in an empty loop"],
)
def test_a_claim_that_cannot_fail(workshop: Workshop, claim: Snippet, faulty: str, message: str) -> None:
    assert message in _rejected(workshop, changed(claim, SELECT, faulty))


def test_a_claim_that_is_turned_round_runs_as_it_does_alone(workshop: Workshop, claim: Snippet) -> None:
    """Else FastAPI and pydantic would not find the classes of its annotations, and it would fail for a reason of ours."""
    alone = (
        "def number(n: int) -> int:\n            return n\n        "
        "assert number.__annotations__['n'] is int\n        "
        "assert __import__('__main__').claim_one_is_one is claim_one_is_one\n        "
        "assert os.path.isfile(__file__)\n        "
    )
    workshop.update(changed(claim, SELECT, alone + SELECT))


def test_a_second_assertion_that_is_never_reached(workshop: Workshop, claim: Snippet) -> None:
    snippet = changed(claim, SELECT, f"{SELECT}\n        return\n        assert engine is None")
    line = next(n for n, text in enumerate(snippet.source.splitlines(), 1) if "engine is None" in text)
    assert _rejected(workshop, snippet).startswith(f"snippets/topic/claims.py:{line}: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("One is one.", "One is one", "has no sentence"),
        ("One is one.", f"One is {'very ' * 40}one.", "has 211 characters, and 200 are the most"),
        (SELECT, "pass", "asserts nothing"),
        ("claim_", "show_", "holds no claim"),
    ],
)
def test_what_is_no_claim(workshop: Workshop, claim: Snippet, old: str, new: str, message: str) -> None:
    assert workshop.census(claims.every_claim_can_be_read) == ""
    claim.path.write_text(changed(claim, old, new).source)
    assert message in workshop.census(claims.every_claim_can_be_read)


def test_the_same_sentence_twice(workshop: Workshop, claim: Snippet) -> None:
    function = claim.source[claim.source.index("async def claim_") : claim.source.index("async def reason_")]
    claim.path.write_text(
        changed(claim, function, function + function.replace("claim_one", "claim_also_one")).source
    )
    assert "says what another one says" in workshop.census(claims.every_claim_can_be_read)


def test_a_claim_that_holds_nowhere(workshop: Workshop, claim: Snippet) -> None:
    assert workshop.census(claims.every_claim_holds_somewhere) == ""
    snippet = changed(claim, "SELECT 1", "SELECT 2")
    snippet.path.write_text(snippet.source)
    workshop.update(snippet)
    message = workshop.census(claims.every_claim_holds_somewhere)
    assert (
        message.startswith("snippets/topic/claims.py:")
        and "'One is one.' holds nowhere (assert await" in message
    )


def test_a_claim_that_no_page_shows(workshop: Workshop, claim: Snippet) -> None:
    workshop.page("@claims topic/claims#one_is_one")
    assert workshop.census(claims.every_claim_is_on_a_page) == ""
    workshop.page("Nothing.")
    assert "no page shows claim 'one_is_one'" in workshop.census(claims.every_claim_is_on_a_page)


def test_a_claim_that_is_not_run_on_both_lines(workshop: Workshop, claim: Snippet) -> None:
    assert workshop.census(claims.every_claim_is_run_on_both_lines) == ""
    claim.path.write_text(changed(claim, "# also: sqlalchemy==2.0.*\n", "").source)
    assert "declare '# also: sqlalchemy==2.0.*'" in workshop.census(claims.every_claim_is_run_on_both_lines)


RELEASES = {
    "": ("2.1.9", "0.165.0"),
    "sqlalchemy==2.0.*": ("2.0.58", "0.165.0"),
    "fastapi==0.121.*": ("2.1.9", "0.121.3"),
}


@pytest.mark.parametrize(
    ("failing", "said"),
    [
        (lambda run: run.driver == "asyncpg", "on asyncpg"),
        (lambda run: run.proven["FastAPI"] == "0.121.3", "with FastAPI 0.121"),
        (lambda run: run.proven["SQLAlchemy"] == "2.1.9", "with SQLAlchemy 2.1"),
        (
            lambda run: (run.driver, run.release) == ("asyncpg", "sqlalchemy==2.0.*"),
            "on asyncpg with SQLAlchemy 2.0",
        ),
        (
            lambda run: (run.driver, run.release) == ("asyncpg", ""),
            "on asyncpg with SQLAlchemy 2.1 and FastAPI 0.165",
        ),
        (
            lambda run: run.driver == "aiosqlite" or run.release == "sqlalchemy==2.0.*",
            "on aiosqlite or with SQLAlchemy 2.0",
        ),
    ],
)
def test_where_a_claim_does_not_hold(failing: Callable[[Run], bool], said: str) -> None:
    claim = Claim("one", "One is one.", 1, "", (1,))
    runs = [
        Run(driver, release, {"Python": "3.11.7", "SQLAlchemy": sqlalchemy, "FastAPI": fastapi})
        for release, (sqlalchemy, fastapi) in RELEASES.items()
        for driver in ("aiosqlite", "asyncpg", "psycopg")
    ]
    for run in runs:
        run.printed = ["does not hold: One is one. (no)" if failing(run) else "holds: One is one."]
    assert claim.exceptions(runs) == {"no": said}


def test_two_lines_of_one_minor_release_are_told_apart_by_their_whole_version() -> None:
    claim = Claim("one", "One is one.", 1, "", (1,))
    runs = [
        Run("asyncpg", "sqlalchemy==2.0.49.*" * old, {"SQLAlchemy": "2.0.49" if old else "2.0.58"})
        for old in (0, 1)
    ]
    runs[1].printed = ["holds: One is one."]
    assert claim.exceptions(runs) == {"": "with SQLAlchemy 2.0.58"}


def test_a_driver_with_lines_of_its_own_is_named_once_and_lines_of_one_package_together() -> None:
    claim = Claim("one", "One is one.", 1, "", (1,))
    own = [("", "0.32.0"), ("asyncpg==0.31.*", "0.31.0"), ("asyncpg==0.30.*", "0.30.0")]
    runs = [Run("asyncpg", release, {"SQLAlchemy": "2.1.9", "asyncpg": version}) for release, version in own]
    others = [Run("psycopg", "", {"SQLAlchemy": "2.1.9"})]
    others[0].printed = ["holds: One is one."]
    assert claim.exceptions([*runs, *others]) == {"": "on asyncpg"}
    runs[0].printed = ["holds: One is one."]
    assert claim.exceptions([*runs, *others]) == {"": "with asyncpg 0.30 or 0.31"}


def test_one_error_in_the_words_of_two_drivers_is_one_reason() -> None:
    claim = Claim("one", "One is one.", 1, "", (1,))
    runs = [Run(driver, "", {"SQLAlchemy": "2.1.9"}) for driver in ("aiosqlite", "asyncpg", "psycopg")]
    for run, said in zip(runs, ("holds: One is one.", "(DataError: a)", "(DataError: b)"), strict=True):
        run.printed = [said if said.startswith("holds") else f"does not hold: One is one. {said}"]
    assert claim.exceptions(runs) == {"DataError": "on asyncpg or on psycopg"}


def test_the_sentences_as_data(workshop: Workshop, claim: Snippet) -> None:
    """Where they hold, nothing is said of it; a reader's own tools get the same as the page."""
    [page] = json.loads(generated(workshop.project)[workshop.project.assets / "claims.json"])
    [line] = [number for number, text in enumerate(claim.source.splitlines(), 1) if "def claim_" in text]
    [name] = [
        text.partition("claim_")[2].partition("(")[0]
        for text in claim.source.splitlines()
        if "def claim_" in text
    ]
    assert page == {
        "page": "guides/topic/",
        "proof": "snippets/topic/claims.py",
        "drivers": claim.drivers,
        "recorded": [],
        "sha256": hashlib.sha256(claim.path.read_bytes()).hexdigest(),
        "claims": [{"sentence": "One is one.", "anchor": f"claim-{name.replace('_', '-')}", "line": line}],
    }
