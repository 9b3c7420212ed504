# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from fastapi.requests import HTTPConnection
from pydantic import BaseModel
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:settings]
@dataclass(frozen=True)
class Settings:
    database_url: URL = field(repr=False)
    pool_size: int
    log_sql: bool

    @classmethod
    def from_environment(cls) -> "Settings":
        default = "sqlite+aiosqlite:///greenlit.db"
        return cls(
            database_url=make_url(os.environ.get("DATABASE_URL", default)),
            pool_size=int(os.environ.get("POOL_SIZE", "10")),
            log_sql=os.environ.get("LOG_SQL") == "1",
        )


# --8<-- [end:settings]


# --8<-- [start:engine]
def make_engine(settings: Settings) -> AsyncEngine:
    if settings.log_sql:
        logging.basicConfig()  # uvicorn gives a handler to its own loggers only.
        logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    return create_async_engine(
        settings.database_url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        hide_parameters=True,
    )


async def check(engine: AsyncEngine, within: float = 10) -> None:
    """Raise, after that many seconds at the latest, if the database cannot be used."""
    asking = asyncio.create_task(ask(engine))
    try:
        await asyncio.wait([asking], timeout=within)
    finally:
        asking.cancel()  # and do not wait for it
    if not asking.done():
        where = f"{engine.url.host}/{engine.url.database}"
        raise TimeoutError(f"no answer from {where} within {within:g} seconds")
    await asking


async def ask(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


# --8<-- [end:engine]


# --8<-- [start:app]
class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


def create_app(settings: Settings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        engine = make_engine(settings)
        try:
            await check(engine)
            session_factory = async_sessionmaker(
                engine, expire_on_commit=False, close_resets_only=False
            )
            yield {"session_factory": session_factory}
        finally:
            await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    return app


# --8<-- [end:app]


# --8<-- [start:dependency]
async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


class UserOut(BaseModel):
    id: int
    name: str


router = APIRouter()


@router.post("/users", response_model=UserOut, status_code=201)
async def create_user(name: str, session: SessionDep) -> User:
    user = User(name=name)
    session.add(user)
    await session.flush()
    return user


async def create_tables(settings: Settings) -> None:
    """What your migrations do before the application starts."""
    engine = make_engine(settings)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
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
    settings = Settings.from_environment()
    await create_tables(settings)
    # --8<-- [start:client]
    async with serving(create_app(settings)) as client:
        response = await client.post("/users", params={"name": "Ada"})
        print(response.status_code, response.text)
        #> 201 {"id":1,"name":"Ada"}
    # --8<-- [end:client]
    # --8<-- [start:secret]
    hidden = make_url("postgresql+asyncpg://shop:s3cret@db.internal/shop")
    shown = make_url("postgresql+asyncpg://db.internal/shop?user=shop&password=s3cret")
    for url in hidden, shown:
        print(url)
        #> postgresql+asyncpg://shop:***@db.internal/shop
        #> postgresql+asyncpg://db.internal/shop?password=s3cret&user=shop
    print(Settings(shown, pool_size=10, log_sql=False), "at", shown.host, shown.database)
    #> Settings(pool_size=10, log_sql=False) at db.internal shop
    # --8<-- [end:secret]


if __name__ == "__main__":
    asyncio.run(main())
