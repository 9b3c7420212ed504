# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "litestar>=2.23", "pydantic",
#     "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    engine = create_async_engine(DATABASE_URL)
    try:
        app.state.session_factory = async_sessionmaker(
            engine, expire_on_commit=False, close_resets_only=False
        )
        yield
    finally:
        await engine.dispose()


# --8<-- [end:lifespan]


# --8<-- [start:dependency]
async def provide_session(state: State) -> AsyncGenerator[AsyncSession, None]:
    async with state.session_factory() as session:
        yield session
        await session.commit()


# --8<-- [end:dependency]


# --8<-- [start:handlers]
class UserOut(BaseModel):
    id: int
    name: str


@post("/users")
async def create_user(name: FromQuery[str], session: NamedDependency[AsyncSession]) -> UserOut:
    user = User(name=name)
    session.add(user)
    await session.flush()
    return UserOut(id=user.id, name=user.name)


@get("/users/{user_id:int}")
async def read_user(user_id: FromPath[int], session: NamedDependency[AsyncSession]) -> UserOut:
    user = await session.get(User, user_id)
    if user is None:
        raise NotFoundException
    return UserOut(id=user.id, name=user.name)


app = Litestar(
    [create_user, read_user],
    dependencies={"session": Provide(provide_session)},
    lifespan=[lifespan],
    logging_config=None,
)
# --8<-- [end:handlers]


async def create_tables(database_url: str) -> None:
    """What your migrations do before the application starts."""
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


@asynccontextmanager
async def serving(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
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
    # --8<-- [start:client]
    async with serving(app) as client:
        created = await client.post("/users?name=Ada")
        print(created.status_code, created.text)
        #> 201 {"id":1,"name":"Ada"}
        for path in "/users/1", "/users/2":
            read = await client.get(path)
            print(read.status_code, read.text)
            #> 200 {"id":1,"name":"Ada"}
            #> 404 {"status_code":404,"detail":"Not Found"}
    # --8<-- [end:client]


if __name__ == "__main__":
    asyncio.run(main())
