# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def held_in_the_background_task(engine: AsyncEngine, commit_in_endpoint: bool) -> int:
    """How many connections are out while a background task runs, of a session that commits after its `yield`."""
    app = FastAPI()
    held: list[int] = []

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session
            await session.commit()

    async def task() -> None:
        assert isinstance(engine.pool, QueuePool)
        held.append(engine.pool.checkedout())

    @app.post("/orders")
    async def create_order(
        background: BackgroundTasks, session: Annotated[AsyncSession, Depends(get_session)]
    ) -> int:
        background.add_task(task)
        number = await session.scalar(text("SELECT 1"))
        if commit_in_endpoint:
            await session.commit()
        return number or 0

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.post("/orders")
    return held[0]


async def claim_held_by_the_dependency(engine: AsyncEngine) -> None:
    """If a dependency in the default scope commits after its `yield` and the endpoint ran a query, a connection is checked out (`QueuePool`) in the background task."""
    held = await held_in_the_background_task(engine, commit_in_endpoint=False)
    assert held == 1, f"{held} connections were checked out"


async def claim_given_back_by_the_endpoint(engine: AsyncEngine) -> None:
    """If the endpoint commits and then sends no more SQL, the connection is back in the pool (`QueuePool`) when the background task runs."""
    assert await held_in_the_background_task(engine, commit_in_endpoint=True) == 0


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
