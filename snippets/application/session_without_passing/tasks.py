# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121.1", "httpx"]
# ///
# unrecorded: two tasks run at once
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)

# --8<-- [start:scope]
current: ContextVar[AsyncSession] = ContextVar("current")


@asynccontextmanager
async def session_scope() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        token = current.set(session)
        try:
            yield session
            await session.commit()
        finally:
            current.reset(token)


async def request_session() -> AsyncIterator[None]:
    async with session_scope():
        yield


app = FastAPI(dependencies=[Depends(request_session, scope="function")])
# --8<-- [end:scope]


# --8<-- [start:services]
async def count_users() -> int:
    return await current.get().scalar(select(func.count()).select_from(User)) or 0


async def count_orders() -> int:
    return await current.get().scalar(select(func.count()).select_from(Order)) or 0


# --8<-- [end:services]


# --8<-- [start:endpoint]
async def in_a_task(count: Callable[[], Awaitable[int]]) -> int:
    async with session_scope():
        return await count()


@app.get("/dashboard")
async def dashboard() -> dict[str, int]:
    async with asyncio.TaskGroup() as group:
        users = group.create_task(in_a_task(count_users))
        orders = group.create_task(in_a_task(count_orders))
    return {"users": users.result(), "orders": orders.result()}


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await engine.dispose()  # As after a start: the pool has no open connection.
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            try:
                response = await client.get("/dashboard")
            except ExceptionGroup as group:
                print(f"{group.exceptions[0]!r:.66}")
                raise
            print(response.status_code, response.text)
            #> 200 {"users":0,"orders":0}
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
