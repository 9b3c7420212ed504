# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlmodel", "sqlalchemy[asyncio]>=2.0.22", "fastapi>=0.121", "httpx", "uvicorn",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:models]
class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    age: int | None = None


class HeroUpdate(SQLModel):
    name: str | None = None
    age: int | None = None


# --8<-- [end:models]


class HeroPublic(SQLModel):
    id: int
    name: str
    age: int | None


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        session_factory = async_sessionmaker(
            engine, class_=AsyncSession, expire_on_commit=False, close_resets_only=False
        )
        yield {"session_factory": session_factory}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:endpoint]
@app.patch("/heroes/{hero_id}", response_model=HeroPublic)
async def update_hero(hero_id: int, data: HeroUpdate, session: SessionDep) -> Hero:
    hero = await session.get(Hero, hero_id)
    if hero is None:
        raise HTTPException(404)
    return hero.sqlmodel_update(data.model_dump(exclude_unset=True))


# --8<-- [end:endpoint]


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts, and one hero."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.drop_all)
        await connection.run_sync(SQLModel.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Hero(id=1, name="Deadpond", age=30))
        await session.commit()
    await engine.dispose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        # --8<-- [start:client]
        patched = await client.patch("/heroes/1", json={"name": "Dive"})
        print(patched.status_code, patched.text)
        #> 200 {"id":1,"name":"Dive","age":30}
        # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
