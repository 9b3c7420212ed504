# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import inspect
import os
import traceback
from collections.abc import Awaitable, Callable
from unittest.mock import AsyncMock, MagicMock

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncResult, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_stream(engine: AsyncEngine) -> None:
    """Of a result of `stream()` you await `all()`, `first()` and `one()`, but not `scalars()`."""
    async with AsyncSession(engine) as session:
        for read in (AsyncResult.all, AsyncResult.first, AsyncResult.one):
            coroutine = read(await session.stream(text("SELECT 1")))
            assert inspect.iscoroutine(coroutine)
            assert await coroutine in ((1,), [(1,)])
        scalars = (await session.stream(text("SELECT 1"))).scalars()
        assert not inspect.iscoroutine(scalars)
        assert await scalars.all() == [1]


async def claim_async_mock(engine: AsyncEngine) -> None:
    """With a plain `AsyncMock()` for a session, `add()` and the result's `scalars()` give coroutines that nothing awaits."""
    session = AsyncMock()
    result = await session.execute(text("SELECT 1"))
    for coroutine in (session.add(object()), result.scalars()):
        assert inspect.iscoroutine(coroutine)
        coroutine.close()


async def claim_spec(engine: AsyncEngine) -> None:
    """`AsyncMock(spec=AsyncSession)` has a plain `add()`. Let its `scalars()` return a `MagicMock()`."""
    session = AsyncMock(spec=AsyncSession)
    session.scalars.return_value = MagicMock(**{"all.return_value": ["Ada"]})
    assert not inspect.iscoroutine(session.add(object()))
    assert (await session.scalars(text("SELECT name FROM users"))).all() == ["Ada"]


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
