# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121.1", "httpx"]
# ///
# raises: AssertionError
# silent: the client has its 201, and the receipt of its order is lost
import asyncio
import os
from collections.abc import AsyncIterator
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


class Receipt(Base):
    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)

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


request_is_over = asyncio.Event()
tasks: set[asyncio.Task[None]] = set()


# --8<-- [start:endpoint]
async def write_receipt(item: str) -> None:
    await request_is_over.wait()
    current.get().add(Receipt(item=item))
    await current.get().flush()


@app.post("/orders", status_code=201)
async def create_order(item: str) -> None:
    tasks.add(asyncio.create_task(write_receipt(item)))


# --8<-- [end:endpoint]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.post("/orders?item=kettle")
        request_is_over.set()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        async with session_factory() as session:
            receipts = await session.scalar(select(func.count()).select_from(Receipt))
        print(f"{response.status_code}, {receipts} receipts, {ends[0]!r:.56}")
        #> 201, 0 receipts, InvalidRequestError('This Session has been permanently c
        assert receipts == 1, "the receipt is lost"
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
