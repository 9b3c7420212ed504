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
from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
ONE = text("SELECT 1")


def application(engine: AsyncEngine) -> FastAPI:
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    @app.get("/export")
    async def export(session: Annotated[AsyncSession, Depends(get_session)]) -> StreamingResponse:
        await session.execute(ONE)

        async def lines() -> AsyncIterator[str]:
            for _ in range(20):
                yield "a line".ljust(1_000_000)

        return StreamingResponse(lines())

    @app.get("/one")
    async def one(session: Annotated[AsyncSession, Depends(get_session)]) -> int:
        return await session.scalar(ONE) or 0

    return app


async def claim_asgi_transport(engine: AsyncEngine) -> None:
    """httpx's `ASGITransport` hides it from such a test: it gives you the response only when the application has ended, and the second request finds the connection free."""
    small = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.3)
    transport = httpx.ASGITransport(app=application(small))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://app") as client,
        client.stream("GET", "/export") as download,
    ):
        await anext(download.aiter_raw())
        other = await client.get("/one")
    await small.dispose()
    assert other.status_code == 200


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
