# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (on SQLite only one connection can write)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import Column, Connection, MetaData, Table, Text, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HELD = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
LOCK = text("SELECT pg_advisory_xact_lock(7415)")


def tables() -> MetaData:
    metadata = MetaData()
    Table("countries", metadata, Column("code", Text, primary_key=True))
    return metadata


async def clean_up(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS countries"))


async def until_it_waits(engine: AsyncEngine) -> None:
    """Until a connection waits for another one."""
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(waits):
            await asyncio.sleep(0.02)


async def error_of_the_second(engine: AsyncEngine, second: AsyncConnection, *, commit: bool) -> IntegrityError | None:
    """Of a `create_all()` that has waited for the one of another connection."""
    async with engine.connect() as first:
        await first.run_sync(tables().create_all)
        waiting = asyncio.create_task(second.run_sync(tables().create_all))
        await until_it_waits(engine)
        await (first.commit() if commit else first.rollback())
        try:
            await waiting
        except IntegrityError as error:
            return error
    return None


async def claim_again(engine: AsyncEngine) -> None:
    """After the error and a rollback, `create_all()` works in the second worker: it finds the tables of the first one."""
    await clean_up(engine)
    async with engine.connect() as second:
        error = await error_of_the_second(engine, second, commit=True)
        await second.rollback()
        await second.run_sync(tables().create_all)
        await second.rollback()
    await clean_up(engine)
    assert error is not None


async def claim_first_rolls_back(engine: AsyncEngine) -> None:
    """If the first worker rolls back instead, the second one creates the tables, and nothing is raised."""
    await clean_up(engine)
    async with engine.connect() as second:
        assert await error_of_the_second(engine, second, commit=False) is None
        assert await second.scalar(text("SELECT count(*) FROM countries")) == 0


async def claim_between(engine: AsyncEngine) -> None:
    """If the first worker commits after the second one has looked for the table, the second one says `relation "countries" already exists`."""
    await clean_up(engine)
    metadata, message = tables(), ""
    async with engine.connect() as first, engine.connect() as second:
        await first.run_sync(tables().create_all)

        @event.listens_for(metadata.tables["countries"], "before_create")
        def between(table: Table, connection: Connection, **_: object) -> None:
            driver = connection.connection.dbapi_connection
            assert driver is not None
            driver.run_async(lambda _: first.commit())

        try:
            await second.run_sync(metadata.create_all)
        except DBAPIError as error:
            message = str(error.orig)
    await clean_up(engine)
    assert 'relation "countries" already exists' in message


async def claim_commit_unlocks(engine: AsyncEngine) -> None:
    """A commit or a rollback releases the lock of `pg_advisory_xact_lock()`."""
    async with engine.connect() as connection:
        for end in (connection.commit, connection.rollback):
            await connection.execute(LOCK)
            assert await connection.scalar(HELD) == 1
            await end()
            assert await connection.scalar(HELD) == 0
            await connection.rollback()


async def claim_autocommit(engine: AsyncEngine) -> None:
    """With `AUTOCOMMIT`, `pg_advisory_xact_lock()` locks nothing: its lock is released at the end of the same statement."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(LOCK)
        assert await connection.scalar(HELD) == 0


async def claim_other_number(engine: AsyncEngine) -> None:
    """Another number is another lock: two connections can hold 7415 and 7416 at once."""
    async with engine.connect() as first, engine.connect() as second:
        await first.execute(LOCK)
        assert await second.scalar(text("SELECT pg_try_advisory_xact_lock(7416)")) is True
        assert await second.scalar(text("SELECT pg_try_advisory_xact_lock(7415)")) is False


async def claim_isolation(engine: AsyncEngine) -> None:
    """With `REPEATABLE READ`, the worker that waited for the lock says `relation "countries" already exists`. With `READ COMMITTED`, it finds the table."""
    messages = {}
    for level in ("REPEATABLE READ", "READ COMMITTED"):
        await clean_up(engine)
        async with engine.connect() as first, engine.connect() as second:
            await second.execution_options(isolation_level=level)
            await create_with_the_lock(first)
            waiting = asyncio.create_task(create_with_the_lock(second))
            await until_it_waits(engine)
            await first.commit()
            try:
                await waiting
            except DBAPIError as error:
                messages[level] = str(error.orig)
    await clean_up(engine)
    assert 'relation "countries" already exists' in messages.get("REPEATABLE READ", "")
    assert "READ COMMITTED" not in messages


async def create_with_the_lock(connection: AsyncConnection) -> None:
    await connection.execute(LOCK)
    await connection.run_sync(tables().create_all)


async def claim_second_start(engine: AsyncEngine) -> None:
    """If the tables exist, `create_all()` sends no `CREATE`, so two workers at once raise nothing."""
    await clean_up(engine)
    statements: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def listen(*given: object) -> None:
        statements.append(str(given[2]))

    async with engine.begin() as connection:
        await connection.run_sync(tables().create_all)
    assert any("CREATE" in statement for statement in statements)
    statements.clear()
    async with engine.connect() as first, engine.connect() as second:
        await first.run_sync(tables().create_all)
        await second.run_sync(tables().create_all)
    await clean_up(engine)
    assert not any("CREATE" in statement for statement in statements)


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
