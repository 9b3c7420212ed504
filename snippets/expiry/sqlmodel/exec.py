# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0", "fastapi", "httpx",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session


@app.get("/heroes")
async def read_heroes(session: Annotated[AsyncSession, Depends(get_session)]) -> list[Hero]:
    heroes = await session.exec(select(Hero))
    return list(heroes.all())


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    transport = httpx.ASGITransport(app)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add(Hero(name="Deadpond"))
            await session.commit()
        # --8<-- [start:factory]
        app.state.session_factory = async_sessionmaker(
            engine,
            class_=AsyncSession,
            expire_on_commit=False,
        )
        # --8<-- [end:factory]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            print((await client.get("/heroes")).json()[0]["name"])
            #> Deadpond
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
