# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def answer(engine: AsyncEngine) -> object:
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT 42"))


async def claim_nothing_to_inherit(engine: AsyncEngine) -> None:
    """A process that is forked before the engine has connected can use the engine."""
    receive, send = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.write(send, str(asyncio.run(answer(engine))).encode())
        finally:
            os._exit(0)
    os.close(send)
    await asyncio.to_thread(os.waitpid, child, 0)
    with os.fdopen(receive) as pipe:
        assert pipe.read() == "42"
    assert await answer(engine) == 42


async def claim_dispose_in_a_hook(engine: AsyncEngine) -> None:
    """`engine.sync_engine.dispose(close=False)` is a plain call, so a synchronous hook such as `post_fork` can make
    it. The engine then has an empty pool, and the old connections stay open."""
    async with engine.connect() as connection:
        inherited = (await connection.get_raw_connection()).driver_connection
    old_pool = engine.pool
    engine.sync_engine.dispose(close=False)
    async with engine.connect() as connection:
        assert (await connection.get_raw_connection()).driver_connection is not inherited
        old = await connection.run_sync(lambda _: old_pool.connect())
        assert old.driver_connection is inherited
        assert old.is_valid
        await connection.run_sync(lambda _: old.close())
        await connection.run_sync(lambda _: old_pool.dispose())


async def claim_in_use(engine: AsyncEngine) -> None:
    """With PostgreSQL or a SQLite file, and the default pool, `dispose()` does not close a connection that is in use:
    the next statement on it works."""
    async with engine.connect() as connection:
        await connection.scalar(text("SELECT 1"))
        await engine.dispose()
        assert await connection.scalar(text("SELECT 42")) == 42
        await connection.invalidate()  # Its old pool would keep it open.


async def claim_in_memory(engine: AsyncEngine) -> None:
    """With SQLite in memory, `dispose()` closes the one connection, also while it is in use, and the data is gone."""
    memory = create_async_engine("sqlite+aiosqlite://")
    error = None
    async with memory.connect() as connection:
        await connection.execute(text("CREATE TABLE notes (id INTEGER)"))
        await connection.commit()
        await memory.dispose()
        try:
            await connection.scalar(text("SELECT count(*) FROM notes"))
        except DBAPIError as raised:
            error = raised
    async with memory.connect() as connection:
        tables = await connection.scalar(text("SELECT count(*) FROM sqlite_master"))
    await memory.dispose()
    assert error is not None
    assert tables == 0


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
