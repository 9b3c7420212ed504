# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:app]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(DATABASE_URL)
    app.state.session_factory = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session


# --8<-- [end:app]

app = FastAPI(lifespan=lifespan)


@app.get("/answer")
async def answer(session: Annotated[AsyncSession, Depends(get_session)]) -> int:
    return await session.scalar(text("SELECT 42")) or 0


# --8<-- [start:client]
@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
    ):
        yield client


# --8<-- [end:client]


async def main() -> None:
    # --8<-- [start:test]
    async with client_of(app) as client:
        response = await client.get("/answer")
        print(response.status_code, response.text)
        #> 200 42
    # --8<-- [end:test]


if __name__ == "__main__":
    asyncio.run(main())
