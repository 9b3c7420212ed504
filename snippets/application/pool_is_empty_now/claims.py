# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no server whose connections could be ended)
# leaks: a connection that is out during dispose() goes back to the old pool, and nothing closes it there
import asyncio
import os
import secrets
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool, QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
PID = text("SELECT pg_backend_pid()")


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def operator(statement: str, **values: int) -> object:
    """What an operator gets, who sends this with psql."""
    psql = create_async_engine(DATABASE_URL, poolclass=NullPool)
    async with psql.connect() as connection:
        return (await connection.execute(text(statement), values)).scalar_one()


async def claim_next_statement(engine: AsyncEngine) -> None:
    """After `pg_terminate_backend()`, the next statement of the session raises a `DBAPIError` with `connection_invalidated` true."""
    error = None
    async with AsyncSession(engine) as session:
        pid = (await session.scalars(PID)).one()
        await operator("SELECT pg_terminate_backend(:pid, 5000)", pid=pid)
        try:
            await session.execute(text("SELECT 1"))
        except DBAPIError as raised:
            error = raised
    assert error is not None
    assert error.connection_invalidated


async def claim_place_is_back(engine: AsyncEngine) -> None:
    """If that error leaves the `async with` of the session, the place in the pool is free again."""
    error = None
    try:
        async with AsyncSession(engine) as session:
            pid = (await session.scalars(PID)).one()
            await operator("SELECT pg_terminate_backend(:pid, 5000)", pid=pid)
            before = checked_out(engine)
            await session.execute(text("SELECT 1"))
    except DBAPIError as raised:
        error = raised
    assert error is not None
    assert before == 1
    assert checked_out(engine) == 0


async def claim_cancel(engine: AsyncEngine) -> None:
    """`pg_cancel_backend()` on an `idle in transaction` connection returns true and ends nothing: the session goes on."""
    async with AsyncSession(engine) as session:
        pid = (await session.scalars(PID)).one()
        done = await operator("SELECT pg_cancel_backend(:pid)", pid=pid)
        goes_on = (await session.scalars(PID)).one() == pid
    assert done is True
    assert goes_on


async def driver_connection(session: AsyncSession) -> Any:
    raw = await (await session.connection()).get_raw_connection()
    return raw.driver_connection


async def claim_dispose_goes_on(engine: AsyncEngine) -> None:
    """A session that is at work during `engine.dispose()` keeps its connection, and commits."""
    async with AsyncSession(engine) as session:
        kept = await driver_connection(session)
        await session.execute(text("CREATE TABLE disposed_orders (id integer)"))
        await engine.dispose()
        same = await driver_connection(session) is kept
        await session.commit()
    await kept.close()
    async with AsyncSession(engine) as session:
        stored = (await session.scalars(text("SELECT count(*) FROM disposed_orders"))).one() == 0
        await session.execute(text("DROP TABLE disposed_orders"))
        await session.commit()
    assert same
    assert stored


async def claim_dispose_adds(engine: AsyncEngine) -> None:
    """After `dispose()`, connections that are still out come on top of the new pool: with `pool_size=1` and no overflow, the server had two of them."""
    own = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    async with AsyncSession(own) as first:
        kept, one = await driver_connection(first), (await first.scalars(PID)).one()
        await own.dispose()
        async with AsyncSession(own) as second:
            two = (await second.scalars(PID)).one()
            count = await operator(
                "SELECT count(*) FROM pg_stat_activity WHERE pid IN (:one, :two)", one=one, two=two
            )
    await kept.close()
    await own.dispose()
    assert count == 2


async def claim_other_role(engine: AsyncEngine) -> None:
    """A role without `pg_signal_backend` cannot end the connection of another role: `permission denied`, `42501`."""
    role = f"reader_{secrets.token_hex(4)}"
    code = None
    async with AsyncSession(engine) as held, AsyncSession(engine) as session:
        pid = (await held.scalars(PID)).one()
        await session.execute(text(f"CREATE ROLE {role}"))
        await session.execute(text(f"SET LOCAL ROLE {role}"))
        try:
            await session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        except DBAPIError as error:
            code = getattr(error.orig, "sqlstate", None)
        await session.rollback()
        still_there = (await held.scalars(PID)).one() == pid
    assert code == "42501"
    assert still_there


async def claim_read_without_values(engine: AsyncEngine) -> None:
    """A transaction that has only sent a `SELECT` without parameters, at `READ COMMITTED`, has a `backend_xmin` while it is idle."""
    async with AsyncSession(engine) as session:
        pid = (await session.scalars(PID)).one()
        xmin = await operator(
            "SELECT backend_xmin::text FROM pg_stat_activity WHERE pid = :pid", pid=pid
        )
    assert xmin is not None, "the driver sends it in another way, and no snapshot is kept"


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
