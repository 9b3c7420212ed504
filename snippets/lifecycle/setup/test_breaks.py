# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
# raises: AttributeError
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False)}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


@app.get("/answer")
async def answer(session: SessionDep) -> int:
    return await session.scalar(text("SELECT 42")) or 0


# --8<-- [start:client]
@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


# --8<-- [end:client]


async def main() -> None:
    # --8<-- [start:test]
    async with client_of(app) as client:
        response = await client.get("/answer")
        print(response.status_code, response.text)
    # --8<-- [end:test]


if __name__ == "__main__":
    asyncio.run(main())
