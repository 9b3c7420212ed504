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
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class HeroCreate(SQLModel):
    name: str


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session


@app.post("/heroes")
async def create_hero(
    data: HeroCreate, session: Annotated[AsyncSession, Depends(get_session)]
) -> Hero:
    hero = Hero.model_validate(data)
    session.add(hero)
    await session.commit()
    return hero


# --8<-- [start:ask]
async def ask(client: httpx.AsyncClient) -> None:
    response = await client.post("/heroes", json={"name": "Deadpond"})
    print(response.status_code, sorted(response.json().items()))
    #> 200 [('id', 1), ('name', 'Deadpond')]


# --8<-- [end:ask]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    transport = httpx.ASGITransport(app)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.drop_all)
            await connection.run_sync(SQLModel.metadata.create_all)
        app.state.session_factory = async_sessionmaker(
            engine,
            class_=AsyncSession,
            expire_on_commit=False,
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await ask(client)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
