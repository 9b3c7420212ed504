"""`retrying`: it stores what it says it has stored, and tries again when that is right, and only then."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InvalidRequestError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from snippets.toolkit.retry import is_worth_a_retry, logger, retrying, sqlstate
from tests.toolkit.conftest import on_postgres, on_sqlite

pytestmark = pytest.mark.asyncio


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own form


class Entry(Base):
    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


Factory = async_sessionmaker[AsyncSession]


def begin_for_real(engine: AsyncEngine) -> None:
    """sqlite3 begins a transaction before the first write only, and none before a SAVEPOINT."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine.sync_engine, "connect")
    def leave_begin_to_us(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")


async def create_tables(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all([Account(id=1, balance=100), Entry(name="taken")])
        await session.commit()


@pytest_asyncio.fixture
async def factory(engine: AsyncEngine) -> Factory:
    begin_for_real(engine)
    await create_tables(engine)
    return async_sessionmaker(engine, expire_on_commit=False)


async def entries(factory: Factory) -> list[str]:
    async with factory() as session:
        found = await session.scalars(select(Entry.name).where(Entry.name != "taken").order_by(Entry.id))
        return list(found)


async def balance(factory: Factory) -> int:
    async with factory() as session:
        return (await session.get_one(Account, 1)).balance


async def flush_what_fails(session: AsyncSession) -> None:
    session.add(Entry(name="taken"))
    await session.flush()


@contextlib.contextmanager
def at_the_log(call: Callable[[str], object]) -> Any:
    """Call something with each line that the module logs: one for each attempt that failed."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            call(record.getMessage())

    handler, level = Handler(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


# What it stores -------------------------------------------------------------------------------


async def test_it_commits_what_the_function_wrote(factory: Factory) -> None:
    @retrying(factory)
    async def note(session: AsyncSession, name: str, *, times: int = 1) -> int:
        session.add_all([Entry(name=f"{name} {number}") for number in range(times)])
        return times

    assert await note("a", times=2) == 2
    assert await entries(factory) == ["a 0", "a 1"]


async def test_a_flush_that_fails_and_is_caught_is_an_error(factory: Factory) -> None:
    """With `session_factory.begin()`, it said "done" and stored nothing."""
    runs = 0

    @retrying(factory)
    async def note(session: AsyncSession) -> str:
        nonlocal runs
        runs += 1
        session.add(Entry(name="lost"))
        await session.flush()
        with contextlib.suppress(IntegrityError):
            await flush_what_fails(session)
        return "done"

    with pytest.raises(PendingRollbackError, match="Original exception was") as caught:
        await note()
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert await entries(factory) == []
    assert runs == 1


async def test_a_stale_version_that_is_caught_is_retried(factory: Factory) -> None:
    """With `session_factory.begin()`, it was neither retried nor reported."""
    runs = 0

    @retrying(factory)
    async def withdraw(session: AsyncSession) -> int:
        nonlocal runs
        runs += 1
        account = await session.get_one(Account, 1)
        if runs == 1:
            await overtake(session)
        account.balance -= 30
        with contextlib.suppress(StaleDataError):
            await session.flush()
        return runs

    assert await withdraw() == 2
    assert await balance(factory) == 70


async def overtake(session: AsyncSession) -> None:
    """As if another transaction had changed the account since it was read."""
    await session.execute(text("UPDATE accounts SET version = version + 1"))


async def test_a_stale_version_that_is_caught_each_time_is_an_error(factory: Factory) -> None:
    runs = 0

    @retrying(factory, attempts=3, first_delay=0)
    async def withdraw(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        account = await session.get_one(Account, 1)
        await overtake(session)
        account.balance -= 30
        with contextlib.suppress(StaleDataError):
            await session.flush()

    with pytest.raises(PendingRollbackError) as caught:
        await withdraw()
    assert isinstance(caught.value.__cause__, StaleDataError)
    assert runs == 3
    assert await balance(factory) == 100


async def test_the_cause_is_found_where_the_function_meets_the_pending_rollback(factory: Factory) -> None:
    runs = 0

    @retrying(factory)
    async def withdraw(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        account = await session.get_one(Account, 1)
        if runs == 1:
            await overtake(session)
        account.balance -= 30
        with contextlib.suppress(StaleDataError):
            await session.flush()
        await session.execute(text("SELECT 1"))

    await withdraw()
    assert runs == 2
    assert await balance(factory) == 70


async def test_a_statement_that_fails_and_is_caught(factory: Factory, driver: str) -> None:
    """PostgreSQL answers the COMMIT with a rollback, without an error. SQLite stores the rest."""

    @retrying(factory)
    async def note(session: AsyncSession) -> None:
        session.add(Entry(name="a"))
        await session.flush()
        with contextlib.suppress(SQLAlchemyError):
            await session.execute(text("SELECT * FROM nowhere"))

    if driver == "aiosqlite":
        await note()
        assert await entries(factory) == ["a"]
    else:
        with pytest.raises(DBAPIError) as caught:
            await note()
        assert sqlstate(caught.value) == "25P02"
        assert await entries(factory) == []


async def test_a_statement_that_fails_before_a_commit_of_the_function(factory: Factory, driver: str) -> None:
    @retrying(factory)
    async def note(session: AsyncSession) -> None:
        async with session.begin():
            session.add(Entry(name="a"))
            await session.flush()
            with contextlib.suppress(SQLAlchemyError):
                await session.execute(text("SELECT * FROM nowhere"))

    if driver == "aiosqlite":
        await note()
    else:
        with pytest.raises(DBAPIError):
            await note()
    assert await entries(factory) == (["a"] if driver == "aiosqlite" else [])


async def test_only_postgresql_is_asked_before_the_commit(
    factory: Factory, engine: AsyncEngine, driver: str
) -> None:
    statements: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def remember(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    @retrying(factory)
    async def note(session: AsyncSession) -> None:
        session.add(Entry(name="a"))
        async with session.begin_nested():
            session.add(Entry(name="b"))

    @retrying(factory)
    async def nothing(session: AsyncSession) -> None:
        pass

    await note()
    await nothing()
    assert statements.count("SELECT 1") == (0 if driver == "aiosqlite" else 1)


async def test_a_savepoint_saves_the_rest(factory: Factory) -> None:
    @retrying(factory)
    async def note(session: AsyncSession) -> None:
        session.add(Entry(name="a"))
        with contextlib.suppress(IntegrityError):
            async with session.begin_nested():
                await flush_what_fails(session)
        with contextlib.suppress(SQLAlchemyError):
            async with session.begin_nested():
                await session.execute(text("SELECT * FROM nowhere"))
        session.add(Entry(name="b"))

    await note()
    assert sorted(await entries(factory)) == ["a", "b"]


async def test_after_a_rollback_of_the_function_the_rest_is_stored(factory: Factory) -> None:
    @retrying(factory)
    async def note(session: AsyncSession) -> None:
        session.add(Entry(name="rolled back"))
        with contextlib.suppress(IntegrityError):
            await flush_what_fails(session)
        await session.rollback()
        session.add(Entry(name="a"))

    await note()
    assert await entries(factory) == ["a"]


async def test_a_function_that_commits_itself(factory: Factory) -> None:
    """What it has committed stays, and is done again by a retry."""
    runs = 0

    @retrying(factory, first_delay=0)
    async def note(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        session.add(Entry(name=f"committed {runs}"))
        await session.commit()
        session.add(Entry(name=f"the rest {runs}"))
        if runs == 1:
            raise StaleDataError("overtaken")

    await note()
    assert await entries(factory) == ["committed 1", "committed 2", "the rest 2"]


async def test_under_autocommit_each_statement_stays(make_engine: Callable[..., AsyncEngine]) -> None:
    engine = make_engine(isolation_level="AUTOCOMMIT")
    await create_tables(engine)
    factory = async_sessionmaker(engine)
    runs = 0

    @retrying(factory, first_delay=0)
    async def note(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        await flushed(session, f"a {runs}")
        if runs == 1:
            raise stale()

    await note()
    assert await entries(factory) == ["a 1", "a 2"]


async def test_a_function_that_begins_itself(factory: Factory) -> None:
    @retrying(factory)
    async def note(session: AsyncSession, read_first: bool) -> None:
        if read_first:
            await session.execute(text("SELECT 1"))
        async with session.begin():
            session.add(Entry(name="a"))
        session.add(Entry(name="b"))

    await note(read_first=False)
    assert await entries(factory) == ["a", "b"]
    with pytest.raises(InvalidRequestError, match="already begun"):
        await note(read_first=True)


async def test_a_flush_that_is_caught_in_a_block_of_the_function(factory: Factory) -> None:
    """The block ends without a commit and without an error."""

    @retrying(factory)
    async def note(session: AsyncSession, roll_back: bool) -> None:
        async with session.begin():
            session.add_all([Entry(name="a"), Entry(name="taken")])
            with contextlib.suppress(IntegrityError):
                await session.flush()
            if roll_back:
                await session.rollback()

    with pytest.raises(PendingRollbackError, match="A flush failed before") as caught:
        await note(roll_back=False)
    assert isinstance(caught.value.__cause__, IntegrityError)
    await note(roll_back=True)
    assert await entries(factory) == []


async def test_a_function_that_closes_or_rolls_back_and_ends(factory: Factory) -> None:
    @retrying(factory)
    async def note(session: AsyncSession, end: str) -> str:
        session.add(Entry(name=end))
        await session.flush()
        await getattr(session, end)()
        return end

    for end in ("rollback", "close"):
        assert await note(end) == end
    assert await entries(factory) == []


async def test_a_session_with_several_engines(url: str, make_engine: Callable[..., AsyncEngine]) -> None:
    """It has no engine of its own that one could ask."""
    engine = make_engine()
    await create_tables(engine)
    several: Factory = async_sessionmaker(binds={Entry: engine, Account: engine})

    @retrying(several)
    async def note(session: AsyncSession) -> None:
        session.add(Entry(name="a"))
        (await session.get_one(Account, 1)).balance = 5

    await note()
    assert await entries(several) == ["a"]
    assert await balance(several) == 5


async def test_a_session_on_a_connection(factory: Factory, engine: AsyncEngine) -> None:
    """As tests do it, to roll everything back afterwards."""
    async with engine.connect() as connection, connection.begin() as transaction:
        inside: Factory = async_sessionmaker(connection, join_transaction_mode="create_savepoint")

        @retrying(inside, first_delay=0)
        async def note(session: AsyncSession) -> None:
            session.add(Entry(name=f"a {len(runs)}"))
            await session.flush()
            runs.append(1)
            if len(runs) == 1:
                raise StaleDataError("overtaken")

        runs: list[int] = []
        await note()
        assert await entries(inside) == ["a 1"]
        await transaction.rollback()
    assert await entries(factory) == []


# What it retries ------------------------------------------------------------------------------


async def count_runs(factory: Factory, error: BaseException, **options: Any) -> int:
    runs = 0

    @retrying(factory, attempts=3, first_delay=0, **options)
    async def fail(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        raise error

    with pytest.raises(type(error)) as caught:
        await fail()
    assert caught.value is error
    return runs


def stale() -> StaleDataError:
    return StaleDataError("overtaken")


@pytest.mark.parametrize(
    "error, runs",
    [
        (ExceptionGroup("one", [stale()]), 3),
        (ExceptionGroup("two", [stale(), stale()]), 3),
        (ExceptionGroup("one that is not", [stale(), ValueError("no")]), 1),
        (ExceptionGroup("nested", [stale(), ExceptionGroup("inner", [stale()])]), 3),
        (ExceptionGroup("nested", [stale(), ExceptionGroup("inner", [KeyError("no")])]), 1),
        (BaseExceptionGroup("ended from outside", [stale(), KeyboardInterrupt()]), 1),
    ],
    ids=lambda value: (
        value.message.replace(" ", "-") if isinstance(value, BaseExceptionGroup) else str(value)
    ),
)
async def test_a_group_is_retried_when_all_of_it_is_worth_it(
    factory: Factory, error: BaseException, runs: int
) -> None:
    assert await count_runs(factory, error) == runs


async def test_a_task_group_in_the_function(factory: Factory) -> None:
    @retrying(factory, first_delay=0)
    async def note(session: AsyncSession) -> None:
        runs.append(1)
        async with asyncio.TaskGroup() as group:
            group.create_task(withdraw(session))
            group.create_task(asyncio.sleep(0))

    async def withdraw(session: AsyncSession) -> None:
        account = await session.get_one(Account, 1)
        if len(runs) == 1:
            await overtake(session)
        account.balance -= 30
        await session.flush()

    runs: list[int] = []
    await note()
    assert len(runs) == 2
    assert await balance(factory) == 70


async def test_errors_of_files_and_other_services_are_not_retried(factory: Factory) -> None:
    """They are OSErrors like those of a connection that asyncpg could not make."""
    for error in (FileNotFoundError("report.csv"), ConnectionRefusedError("mail"), TimeoutError()):
        assert await count_runs(factory, error, disconnects=True, lost_commits=True) == 1


@on_postgres
async def test_a_full_server_is_retried_with_disconnects(
    engine: AsyncEngine, url: str, make_engine: Callable[..., AsyncEngine]
) -> None:
    """asyncpg names the code, psycopg does not."""
    full = make_engine()
    runs: list[int] = []

    @event.listens_for(full.sync_engine, "do_connect")
    def another_role(_dialect: object, _record: object, _args: object, parameters: Any) -> None:
        parameters["user"] = "crowded"

    @retrying(async_sessionmaker(full), attempts=2, first_delay=0, disconnects=True)
    async def ask(session: AsyncSession) -> None:
        runs.append(1)
        await session.execute(text("SELECT 1"))

    async with engine.connect() as connection:
        await connection.execute(text("DROP ROLE IF EXISTS crowded"))
        await connection.execute(text("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0"))
        await connection.commit()
    with pytest.raises(Exception, match="too many connections"):  # asyncpg's own, on SQLAlchemy 2.0.
        await ask()
    assert len(runs) == 2


async def test_a_full_pool_is_not_retried(make_engine: Callable[..., AsyncEngine]) -> None:
    engine = make_engine(pool_size=1, max_overflow=0, pool_timeout=0.01)
    runs = 0

    @retrying(async_sessionmaker(engine), first_delay=0, disconnects=True)
    async def read(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        await session.execute(text("SELECT 1"))

    async with engine.connect():
        with pytest.raises(SQLAlchemyError, match="QueuePool limit"):
            await read()
    assert runs == 1


@on_sqlite
async def test_a_locked_database_is_retried(make_engine: Callable[..., AsyncEngine]) -> None:
    engine = make_engine(connect_args={"timeout": 0})
    begin_for_real(engine)
    await create_tables(engine)
    factory = async_sessionmaker(engine)
    runs = 0

    @retrying(factory, first_delay=0)
    async def withdraw(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        if runs == 2:
            await other.commit()
        account = await session.get_one(Account, 1)
        account.balance -= 30

    async with factory() as other:
        await other.execute(text("UPDATE accounts SET balance = 1000"))
        await withdraw()
    assert runs == 2
    assert await balance(factory) == 970


@on_postgres
async def test_deadlocks_and_serialization_failures_are_retried(factory: Factory) -> None:
    for condition, expected in (
        ("serialization_failure", 2),
        ("deadlock_detected", 2),
        ("lock_not_available", 1),
        ("unique_violation", 1),
    ):
        runs = 0

        @retrying(factory, attempts=2, first_delay=0)
        async def fail(session: AsyncSession, condition: str = condition) -> None:
            nonlocal runs
            runs += 1
            await session.execute(text(f"DO $$ BEGIN RAISE {condition}; END $$"))

        with pytest.raises(DBAPIError) as caught:
            await fail()
        assert runs == expected, condition
        codes = [sqlstate(caught.value)]
        assert is_worth_a_retry(caught.value, sqlstates=[str(code) for code in codes])


async def test_rivals_all_succeed(factory: Factory) -> None:
    """One decorated function, used by many tasks at once."""

    @retrying(factory, attempts=1000, first_delay=0.01, longest_delay=0.1)
    async def deposit(session: AsyncSession, amount: int) -> None:
        account = await session.get_one(Account, 1)
        account.balance += amount

    await asyncio.gather(*(deposit(number) for number in range(1, 6)))
    assert await balance(factory) == 115


# Calling it -----------------------------------------------------------------------------------


async def test_wrong_arguments(engine: AsyncEngine) -> None:
    factory = async_sessionmaker(engine)
    for options in (
        {"attempts": 0},
        {"attempts": -1},
        {"first_delay": -0.1},
        {"longest_delay": -1},
        {"sqlstates": "40001"},
    ):
        with pytest.raises(ValueError, match=next(iter(options)).split("_")[-1]):
            retrying(factory, **options)


async def test_a_function_that_is_not_async(factory: Factory, engine: AsyncEngine) -> None:
    def note(session: AsyncSession) -> None:
        session.add(Entry(name="a"))

    with pytest.raises(TypeError, match=r"note.* is not an async function"):
        await retrying(factory)(note)()  # type: ignore[arg-type]
    assert await entries(factory) == []
    await retrying(factory)(lambda session: flushed(session, "a"))()
    assert await entries(factory) == ["a"]


async def flushed(session: AsyncSession, name: str) -> None:
    session.add(Entry(name=name))
    await session.flush()


async def test_parameters_may_have_any_name(factory: Factory) -> None:
    @retrying(factory)
    async def note(_: AsyncSession, /, session: str, work: str, *args: int, **kwargs: int) -> object:
        return session, work, args, kwargs

    assert await note("a", "b", 1, error=2) == ("a", "b", (1,), {"error": 2})
    assert await note(session="a", work="b", attempts=3) == ("a", "b", (), {"attempts": 3})


async def test_a_method_is_wrapped_where_it_is_called(factory: Factory) -> None:
    class Notes:
        prefix = "note"

        async def add(self, session: AsyncSession, name: str) -> None:
            session.add(Entry(name=f"{self.prefix} {name}"))

    await retrying(factory)(Notes().add)("a")
    assert await entries(factory) == ["note a"]


async def test_it_may_be_an_endpoint(factory: Factory) -> None:
    """FastAPI reads its parameters, and there is no session among them."""
    app = FastAPI()

    @app.post("/notes/{name}")
    @retrying(factory, first_delay=0)
    async def note(session: AsyncSession, name: str, times: int = 1) -> dict[str, int]:
        session.add_all([Entry(name=f"{name} {number}") for number in range(times)])
        await session.flush()
        runs.append(name)
        if len(runs) == 1:
            raise stale()
        return {"times": times}

    runs: list[str] = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.post("/notes/a?times=2")
    assert answer.json() == {"times": 2}
    assert len(runs) == 2
    assert await entries(factory) == ["a 0", "a 1"]


async def test_one_in_another(factory: Factory) -> None:
    """Each has a transaction of its own: the inner one stays, and is done again."""
    runs = 0

    @retrying(factory, first_delay=0)
    async def inner(session: AsyncSession) -> None:
        session.add(Entry(name=f"inner {runs}"))

    @retrying(factory, first_delay=0)
    async def outer(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        await inner()
        session.add(Entry(name=f"outer {runs}"))
        if runs == 1:
            raise stale()

    await outer()
    assert await entries(factory) == ["inner 1", "inner 2", "outer 2"]


async def test_attempts_of_one_in_another_multiply(factory: Factory) -> None:
    runs = 0

    @retrying(factory, attempts=3, first_delay=0)
    async def inner(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        raise stale()

    @retrying(factory, attempts=2, first_delay=0)
    async def outer(session: AsyncSession) -> None:
        await inner()

    with pytest.raises(StaleDataError):
        await outer()
    assert runs == 6


async def test_the_waits(factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    longest: list[float] = []

    def all_of_it(lowest: float, highest: float) -> float:
        longest.append(highest)
        return 0.0

    monkeypatch.setattr("random.uniform", all_of_it)

    @retrying(factory, attempts=10)
    async def fail(session: AsyncSession) -> None:
        raise stale()

    with pytest.raises(StaleDataError):
        await fail()
    assert longest == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0]
    assert sum(longest[:4]) == pytest.approx(0.75)  # The 5 attempts that are the default.
    assert sum(longest) == pytest.approx(5.55)


async def test_nothing_is_held_while_it_waits(factory: Factory, engine: AsyncEngine) -> None:
    @retrying(factory, attempts=2, first_delay=0)
    async def fail(session: AsyncSession) -> None:
        await session.execute(text("SELECT 1"))
        raise stale()

    out: list[int] = []
    with at_the_log(lambda _: out.append(engine.pool.checkedout())), pytest.raises(StaleDataError):  # type: ignore[attr-defined]
        await fail()
    assert out == [0]


# In the middle --------------------------------------------------------------------------------

MOMENTS = ["connect", "begin", "before_cursor_execute", "commit", "rollback", "the wait"]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_cancelled_at(moment: str, make_engine: Callable[..., AsyncEngine]) -> None:
    engine = make_engine()
    begin_for_real(engine)
    await create_tables(engine)
    await engine.dispose()
    factory = async_sessionmaker(engine)
    runs = 0

    @retrying(factory, first_delay=0, disconnects=True, lost_commits=True)
    async def note(session: AsyncSession, name: str) -> None:
        nonlocal runs
        runs += 1
        session.add(Entry(name=name))
        await session.flush()
        if name == "cancelled" and moment in ("rollback", "the wait"):
            raise stale()

    task = asyncio.create_task(note("cancelled"))
    cancelled = 0

    def cancel(*_: object) -> None:
        nonlocal cancelled
        cancelled += 1
        if cancelled == 1:
            task.cancel()

    with contextlib.ExitStack() as stack:
        if moment == "the wait":
            stack.enter_context(at_the_log(cancel))
        else:
            event.listen(engine.sync_engine, moment, cancel)
            stack.callback(event.remove, engine.sync_engine, moment, cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
    assert cancelled
    assert runs == 1
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await note("later")
    stored = await entries(factory)
    # A commit that was cancelled may have been done: nobody knows.
    assert stored == ["later"] or (moment == "commit" and stored == ["cancelled", "later"])


async def test_a_time_limit_around_the_call_ends_all_attempts(factory: Factory) -> None:
    runs = 0
    second = asyncio.Event()

    @retrying(factory, attempts=10**6, first_delay=0)
    async def fail(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        if runs == 2:
            second.set()
        await session.execute(text("SELECT 1"))
        raise stale()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(60) as limit:
            task = asyncio.current_task()
            assert task is not None

            async def expire_now() -> None:
                await second.wait()
                limit.reschedule(0)

            async with asyncio.TaskGroup() as group:
                group.create_task(expire_now())
                await fail()


@on_postgres
async def test_cancelled_while_the_connection_is_lost(factory: Factory) -> None:
    """Closing the session raises an error of its own then: it must not hide the CancelledError."""
    runs = 0
    lost = asyncio.Event()

    @retrying(factory, disconnects=True, lost_commits=True)
    async def note(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        assert runs == 1, "it goes on after it was cancelled"
        await lose_connection(session, factory)
        lost.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(note())
    await lost.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert runs == 1


async def lose_connection(session: AsyncSession, factory: Factory) -> None:
    process = await session.scalar(text("SELECT pg_backend_pid()"))
    async with factory() as admin:
        await admin.execute(text(f"SELECT pg_terminate_backend({process}, 10000)"))


async def test_other_errors_end_it_at_once(factory: Factory, engine: AsyncEngine) -> None:
    runs = 0

    @retrying(factory)
    async def fail(session: AsyncSession) -> None:
        nonlocal runs
        runs += 1
        await flushed(session, "a")
        raise KeyError("no")

    with pytest.raises(KeyError):
        await fail()
    assert runs == 1
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert await entries(factory) == []


async def test_two_engines(factory: Factory, make_engine: Callable[..., AsyncEngine]) -> None:
    """Two transactions: what the inner one has committed stays when the outer one fails."""
    other: Factory = async_sessionmaker(make_engine(), expire_on_commit=False)

    @retrying(other)
    async def inner(session: AsyncSession) -> None:
        await session.execute(text("SELECT 1"))

    @retrying(factory)
    async def outer(session: AsyncSession) -> int:
        await inner()
        session.add(Entry(name="a"))
        return await session.scalar(select(func.count()).select_from(Entry)) or 0

    assert await outer() == 2
