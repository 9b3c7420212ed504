# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
NUMBERS = text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n")


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def claim_out_until_the_block_ends(engine: AsyncEngine) -> None:
    """After the last row of a stream is read, the connection of `async with engine.connect()` is still checked out. At the end of the block it is not."""
    async with engine.connect() as connection:
        rows = [row async for row in await connection.stream(NUMBERS)]
        assert len(rows) == 2000
        assert checked_out(engine) == 1
    assert checked_out(engine) == 0


async def claim_session_gives_it_back_at_commit(engine: AsyncEngine) -> None:
    """A session made with `AsyncSession(engine)` that has read a stream to its end gives its connection back at the commit."""
    async with AsyncSession(engine) as session:
        rows = [row async for row in await session.stream_scalars(NUMBERS)]
        assert len(rows) == 2000
        assert checked_out(engine) == 1
        await session.commit()
        assert checked_out(engine) == 0


async def claim_partitions(engine: AsyncEngine) -> None:
    """`partitions(500)` gave 2000 rows to the code as four lists of 500."""
    async with engine.connect() as connection:
        result = await connection.stream(NUMBERS)
        sizes = [len(rows) async for rows in result.partitions(500)]
        assert sizes == [500, 500, 500, 500]


async def claim_commit_closes_the_cursor(engine: AsyncEngine) -> None:
    """After `connection.commit()` in the middle of a stream, reading the next 500 rows with `partitions(500)` raises an error."""
    async with engine.connect() as connection:
        result = await connection.stream(NUMBERS)
        partitions = result.partitions(500)
        assert len(await anext(partitions)) == 500
        await connection.commit()
        error = None
        try:
            await anext(partitions)
        except Exception as raised:
            error = raised
        assert error is not None, "it reads on"


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
