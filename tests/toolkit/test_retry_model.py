"""`retrying` against a model of it: whatever a function does, it raises, or all that the last attempt wrote is stored.

"All" is what the attempt wrote and did not itself roll back. What an attempt has committed itself stays, also
when the attempt fails afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text
from sqlalchemy.exc import IntegrityError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import NullPool

from snippets.toolkit.retry import retrying, sqlstate
from tests.toolkit.test_retry import (
    Account,
    Entry,
    Factory,
    begin_for_real,
    create_tables,
    entries,
    flush_what_fails,
    overtake,
)

EXAMPLES = {"sqlite": 100, "postgresql": 50}
"""A second's worth. 20,000 longer programs on each driver found nothing else."""

STEPS = [
    "add",
    "flush fails",
    "flush fails, caught",
    "statement fails",
    "statement fails, caught",
    "overtaken",
    "overtaken, caught",
    "savepoint",
    "savepoint fails, caught",
    "commit",
    "rollback",
    "raise",
    "raise what is retried",
]

Program = list[list[str]]
"""What the function does in its first attempt, in its second, and so on; as many are allowed."""


# The model ------------------------------------------------------------------------------------

RETRIED = {"StaleDataError", "PendingRollbackError from StaleDataError"}


class Ends(Exception):
    """An attempt ends with an error of this name."""


@dataclass
class Model:
    statements_abort: bool
    """PostgreSQL: after a statement that failed, nothing but a rollback is accepted."""
    stored: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    refusal: str = ""
    """What each step that needs the database raises now, until a rollback."""

    def run(self, program: Program) -> str:
        outcome = ""
        for attempt, steps in enumerate(program):
            self.rollback()
            try:
                for number, step in enumerate(steps):
                    self.step(step, f"{attempt}.{number}")
                self.commit()
                return f"returns {attempt}"
            except Ends as end:
                outcome = str(end)
                if outcome not in RETRIED:
                    break
        return outcome

    def step(self, step: str, name: str) -> None:
        what, _, caught = step.partition(", ")
        if what == "raise":
            raise Ends("KeyError")
        if what == "raise what is retried":
            raise Ends("StaleDataError")
        if what == "add":
            self.pending.append(name)
        elif what == "rollback":
            self.rollback()
        else:
            self.ask_database(what, name, bool(caught))

    def ask_database(self, what: str, name: str, caught: bool) -> None:
        if self.refusal:
            raise Ends(self.refusal)
        if what == "commit":
            self.commit()
        elif what == "savepoint":
            self.pending.append(name)
        elif what == "flush fails":
            self.fail("IntegrityError", caught, "PendingRollbackError from IntegrityError")
        elif what == "overtaken":
            self.fail("StaleDataError", caught, "PendingRollbackError from StaleDataError")
        elif what == "statement fails":
            self.fail("IntegrityError", caught, "25P02" if self.statements_abort else "")

    def fail(self, error: str, caught: bool, afterwards: str) -> None:
        if not caught:
            raise Ends(error)
        self.refusal = afterwards

    def commit(self) -> None:
        if self.refusal:
            raise Ends(self.refusal)
        self.stored += self.pending
        self.pending = []

    def rollback(self) -> None:
        self.pending = []
        self.refusal = ""


# The real thing -------------------------------------------------------------------------------


async def step_for_real(session: AsyncSession, step: str, name: str) -> None:
    what, _, caught = step.partition(", ")
    with contextlib.suppress(*([IntegrityError, StaleDataError] if caught else [])):
        if what == "add":
            session.add(Entry(name=name))
        elif what == "flush fails":
            await flush_what_fails(session)
        elif what == "statement fails":
            await session.execute(text("INSERT INTO entries (name) VALUES ('taken')"))
        elif what == "overtaken":
            account = await session.get_one(Account, 1)
            await overtake(session)
            account.balance += 1
            await session.flush()
        elif what.startswith("savepoint"):
            async with session.begin_nested():
                session.add(Entry(name=name))
                if caught:
                    await flush_what_fails(session)
        elif what == "commit":
            await session.commit()
        elif what == "rollback":
            await session.rollback()
        elif what == "raise":
            raise KeyError(name)
        else:
            raise StaleDataError(name)


async def run_for_real(factory: Factory, program: Program) -> str:
    attempt = -1

    @retrying(factory, attempts=len(program), first_delay=0)
    async def work(session: AsyncSession) -> str:
        nonlocal attempt
        attempt += 1
        for number, step in enumerate(program[attempt]):
            await step_for_real(session, step, f"{attempt}.{number}")
        return f"returns {attempt}"

    try:
        return await work()
    except PendingRollbackError as error:
        return f"PendingRollbackError from {type(error.__cause__).__name__}"
    except (SQLAlchemyError, KeyError) as error:
        return "25P02" if sqlstate(error) == "25P02" else type(error).__name__


async def compare(engine: AsyncEngine, program: Program) -> None:
    factory = async_sessionmaker(engine)
    async with factory.begin() as session:
        await session.execute(delete(Entry).where(Entry.name != "taken"))
    model = Model(statements_abort=engine.dialect.name == "postgresql")
    expected = model.run(program)
    assert await run_for_real(factory, program) == expected
    assert sorted(await entries(factory)) == sorted(model.stored)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_it_raises_or_everything_is_stored(url: str) -> None:
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=0)
    begin_for_real(engine)
    with asyncio.Runner() as runner:
        runner.run(create_tables(engine))

        @settings(max_examples=EXAMPLES[engine.dialect.name], deadline=None, derandomize=True, database=None)
        @given(st.lists(st.lists(st.sampled_from(STEPS), max_size=6), min_size=1, max_size=3))
        def check(program: Program) -> None:
            runner.run(compare(engine, program))

        try:
            check()
        finally:
            runner.run(engine.dispose())


def test_two_event_loops(url: str) -> None:
    """Decorated where the module is imported, used in one loop after another."""
    engine = create_async_engine(url, poolclass=NullPool)
    factory = async_sessionmaker(engine)

    @retrying(factory, first_delay=0)
    async def note(session: AsyncSession, name: str) -> None:
        session.add(Entry(name=name))
        await session.flush()
        if name not in failed:
            failed.add(name)
            raise StaleDataError("overtaken")

    failed: set[str] = set()
    asyncio.run(create_tables(engine))
    asyncio.run(note("first"))
    asyncio.run(note("second"))
    assert asyncio.run(entries(factory)) == ["first", "second"]
