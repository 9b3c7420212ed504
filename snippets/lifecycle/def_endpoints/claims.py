# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.128", "httpx"]
# ///
# also: fastapi==0.162.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
asking: list[asyncio.Task[httpx.Response]] = []


@asynccontextmanager
async def client_of(app: FastAPI, done: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        try:
            yield client
        finally:
            done.set()
            await asyncio.gather(*asking, return_exceptions=True)
            asking.clear()


def get(client: httpx.AsyncClient, path: str) -> asyncio.Task[httpx.Response]:
    asking.append(asyncio.create_task(client.get(path)))
    return asking[-1]


async def first_of(request: asyncio.Task[httpx.Response], entered: asyncio.Event) -> None:
    waiting = asyncio.create_task(entered.wait())
    await asyncio.wait([request, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    assert not request.done(), request.exception() or request.result()


def application(engine: AsyncEngine, entered: asyncio.Event, done: asyncio.Event) -> FastAPI:
    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    first: Any = Depends(get_session, max_concurrency=1)
    second: Any = Depends(get_session, max_concurrency=1)
    app = FastAPI()

    @app.get("/slow")
    async def slow(session: AsyncSession = first) -> None:
        await session.execute(text("SELECT 1"))
        entered.set()
        await done.wait()

    @app.get("/same")
    async def same(session: AsyncSession = first) -> None:
        await session.execute(text("SELECT 1"))

    @app.get("/other")
    async def other(session: AsyncSession = second) -> None:
        await session.execute(text("SELECT 1"))

    return app


async def claim_endpoints_share_the_limit(engine: AsyncEngine) -> None:
    """Two endpoints that use the same `Depends(get_session, max_concurrency=1)` share the limit: one waits until the other's request has ended."""
    entered, done = asyncio.Event(), asyncio.Event()
    async with client_of(application(engine, entered, done), done) as client:
        slow = get(client, "/slow")
        await first_of(slow, entered)
        same = get(client, "/same")
        await asyncio.wait([same], timeout=0.3)
        assert not same.done()
        done.set()
        assert (await same).status_code == 200
        await slow


async def claim_each_depends_has_its_own_limit(engine: AsyncEngine) -> None:
    """A second `Depends(get_session, max_concurrency=1)` has a limit of its own: its requests do not wait for those of the first."""
    entered, done = asyncio.Event(), asyncio.Event()
    async with client_of(application(engine, entered, done), done) as client:
        slow = get(client, "/slow")
        await first_of(slow, entered)
        assert (await client.get("/other")).status_code == 200
        assert not slow.done()
        done.set()
        await slow


async def claim_no_time_limit_while_waiting(engine: AsyncEngine) -> None:
    """A request that waits for its place under `max_concurrency` is not ended by `pool_timeout`."""
    entered, done = asyncio.Event(), asyncio.Event()
    small = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.1)
    async with client_of(application(small, entered, done), done) as client:
        slow = get(client, "/slow")
        await first_of(slow, entered)
        same = get(client, "/same")
        await asyncio.wait([same], timeout=0.5)
        assert not same.done()
        done.set()
        assert (await same).status_code == 200
        await slow
    await small.dispose()


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
