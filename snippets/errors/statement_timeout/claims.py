# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no statement_timeout)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


LIMIT = text("SHOW statement_timeout")


def alter_database(what: str) -> TextClause:
    statement = f"'ALTER DATABASE %I {what}', current_database()"
    return text(f"DO $$ BEGIN EXECUTE format({statement}); END $$")


async def claim_plain_set(engine: AsyncEngine) -> None:
    """A plain `SET` that is committed stays with the connection, for the next request that gets it. A rollback undoes it."""
    async with engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = '7s'"))
    async with engine.connect() as connection:
        assert await connection.scalar(LIMIT) == "0"
    async with engine.begin() as connection:
        await connection.execute(text("SET statement_timeout = '7s'"))
    async with engine.connect() as connection:
        assert await connection.scalar(LIMIT) == "7s"


async def claim_autocommit(engine: AsyncEngine) -> None:
    """With the isolation level `AUTOCOMMIT`, `SET LOCAL` changes nothing."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("SET LOCAL statement_timeout = '7s'"))
        assert await connection.scalar(LIMIT) == "0"


async def claim_explain_runs_it(engine: AsyncEngine) -> None:
    """`EXPLAIN (ANALYZE)` runs the statement: with a DELETE the rows are gone, until you roll back."""
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE orders AS SELECT 7 AS id"))
        await connection.commit()
        await connection.execute(text("EXPLAIN (ANALYZE) DELETE FROM orders"))
        assert await connection.scalar(text("SELECT count(*) FROM orders")) == 0
        await connection.rollback()
        assert await connection.scalar(text("SELECT count(*) FROM orders")) == 1


async def claim_new_connections(engine: AsyncEngine) -> None:
    """A connection takes the limit of its database when it is made. One in your pool keeps the old limit."""
    admin = create_async_engine(engine.url)
    async with engine.connect() as connection:
        assert await connection.scalar(LIMIT) == "0"
    try:
        async with admin.begin() as connection:
            await connection.execute(alter_database("SET statement_timeout = 7000"))
        async with engine.connect() as kept:
            limits = [await kept.scalar(LIMIT)]
        await engine.dispose()
        async with engine.connect() as new:
            limits.append(await new.scalar(LIMIT))
    finally:
        async with admin.begin() as connection:
            await connection.execute(alter_database("RESET statement_timeout"))
        await admin.dispose()
    assert limits == ["0", "7s"]


async def claim_lock_timeout(engine: AsyncEngine) -> None:
    """A statement that waits for a lock says `lock timeout` if `lock_timeout` is shorter, and `statement timeout` if not."""
    said = []
    async with engine.connect() as holder, engine.connect() as waiter:
        await holder.execute(text("SELECT pg_advisory_xact_lock(7)"))
        for lock_timeout in ("100ms", "9s"):
            await waiter.execute(text(f"SET LOCAL lock_timeout = '{lock_timeout}'"))
            await waiter.execute(text("SET LOCAL statement_timeout = '300ms'"))
            try:
                await waiter.execute(text("SELECT pg_advisory_xact_lock(7)"))
            except DBAPIError as error:
                said.append(str(error.orig).rpartition("due to ")[2])
            await waiter.rollback()
    assert said == ["lock timeout", "statement timeout"]


async def claim_explain_is_limited(engine: AsyncEngine) -> None:
    """`EXPLAIN (ANALYZE)` runs into the same limit as the statement. `EXPLAIN` alone shows the plan and runs nothing."""
    states = []
    async with engine.connect() as connection:
        for explain in ("EXPLAIN (ANALYZE)", "EXPLAIN"):
            await connection.execute(text("SET LOCAL statement_timeout = '100ms'"))
            try:
                await connection.execute(text(f"{explain} SELECT pg_sleep(10)"))
            except DBAPIError as error:
                states.append(getattr(error.orig, "sqlstate", ""))
            await connection.rollback()
    assert states == ["57014"]


async def claim_stream(engine: AsyncEngine) -> None:
    """With `stream()`, too, `except DBAPIError` catches the error."""
    slow = text("SELECT pg_sleep(0.05) FROM generate_series(1, 200)")
    error = None
    async with engine.connect() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = '100ms'"))
        try:
            async for _ in await connection.stream(slow, execution_options={"yield_per": 10}):
                pass
        except DBAPIError as raised:
            error = raised
    assert getattr(error and error.orig, "sqlstate", "") == "57014"


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
