# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no connection that could break)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

MY_PID = text("SELECT pg_backend_pid()")
TERMINATE = text("SELECT pg_terminate_backend(:pid, 5000)")
pids: set[int] = set()


async def ask(connection: AsyncConnection) -> None:
    pids.add(await connection.scalar(MY_PID) or 0)


async def terminate_all() -> None:
    """Ends the connections that have asked, and waits until they are gone."""
    other = create_async_engine(DATABASE_URL)
    try:
        async with other.connect() as connection:
            while pids:
                await connection.execute(TERMINATE, {"pid": pids.pop()})
    finally:
        await other.dispose()


async def request(engine: AsyncEngine) -> DBAPIError | None:
    try:
        async with engine.connect() as connection:
            await ask(connection)
    except DBAPIError as error:
        return error
    return None


async def late_in_a_transaction(engine: AsyncEngine) -> DBAPIError | None:
    try:
        async with engine.connect() as connection:
            await ask(connection)
            await terminate_all()
            await ask(connection)
    except DBAPIError as error:
        return error
    return None


def frames(error: BaseException | None) -> list[str]:
    """The functions in a traceback, with those of what caused it."""
    found: list[str] = []
    while error:
        found += [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        error = error.__cause__
    return found


async def claim_test(engine: AsyncEngine) -> None:
    """A test finds a missing `pool_pre_ping`: after `pg_terminate_backend` on each connection of the pool, the next request fails without the setting and passes with it."""
    careful = create_async_engine(DATABASE_URL, pool_pre_ping=True)
    try:
        for pooled in (engine, careful):
            assert await request(pooled) is None
        await terminate_all()
        assert await request(engine) is not None
        assert await request(careful) is None
    finally:
        await careful.dispose()


async def claim_one_error(engine: AsyncEngine) -> None:
    """The first error about a lost connection makes the pool replace its other idle connections, too: one request fails, and the requests after it pass."""
    async with engine.connect() as one, engine.connect() as two:
        await ask(one)
        await ask(two)
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedin() == 2
    await terminate_all()
    assert await request(engine) is not None
    assert await request(engine) is None
    assert await request(engine) is None


async def claim_in_use(engine: AsyncEngine) -> None:
    """Each request that has a lost connection checked out at that time, and sends one more statement on it, fails as well."""
    async with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            await ask(connection)
        await terminate_all()
        errors: list[DBAPIError] = []
        for connection in (one, two):
            try:
                await ask(connection)
            except DBAPIError as raised:
                errors.append(raised)
        assert len(errors) == 2


async def claim_invalidated(engine: AsyncEngine) -> None:
    """`error.connection_invalidated` is true for a lost connection, and false for a failed or cancelled statement."""
    await request(engine)
    await terminate_all()
    lost = await request(engine)
    assert lost is not None
    assert lost.connection_invalidated
    for statement in ("SELECT 1 / 0", "SELECT nothing", "SELECT pg_cancel_backend(pg_backend_pid())"):
        error = None
        try:
            async with engine.connect() as connection:
                await connection.execute(text(statement))
        except DBAPIError as raised:
            error = raised
        assert error is not None
        assert not error.connection_invalidated


async def claim_frame(engine: AsyncEngine) -> None:
    """The frame `_start_transaction` is in the traceback if an idle connection of the pool was lost. It is not there in a transaction that had begun, or with AUTOCOMMIT."""
    await request(engine)
    await terminate_all()
    assert "_start_transaction" in frames(await request(engine))
    within = frames(await late_in_a_transaction(engine))
    await terminate_all()
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    await request(autocommit)
    await terminate_all()
    for found in (within, frames(await request(autocommit))):
        assert found
        assert "_start_transaction" not in found


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

