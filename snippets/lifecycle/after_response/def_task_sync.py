# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import create_engine, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


class Receipt(Base):
    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
# --8<-- [start:sync]
url = make_url(DATABASE_URL)
driver = "postgresql+psycopg" if url.get_backend_name() == "postgresql" else "sqlite"
sync_engine = create_engine(url.set(drivername=driver))
sync_session_factory = sessionmaker(sync_engine)
# --8<-- [end:sync]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


# --8<-- [start:task]
def note_receipt(order_id: int) -> None:
    with sync_session_factory.begin() as session:
        session.add(Receipt(order_id=order_id))


@app.post("/orders", status_code=201)
async def create_order(
    session: Annotated[AsyncSession, Depends(get_session)],
    background: BackgroundTasks,
) -> dict[str, int]:
    order = Order(item="desk")
    session.add(order)
    await session.commit()
    background.add_task(note_receipt, order.id)
    return {"id": order.id}


# --8<-- [end:task]


server_log: list[Exception] = []


async def watched(scope: Scope, receive: Receive, send: Send) -> None:
    """The application; what uvicorn would write to its log is kept in a list."""
    try:
        await app(scope, receive, send)
    except Exception as error:
        server_log.append(error)


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(watched, port=0, lifespan="off", log_level="critical"))
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
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with serving() as client:
            response = await client.post("/orders")
        print(response.status_code, response.text)
        #> 201 {"id":1}
        for error in server_log:
            raise error
        async with session_factory() as session:
            print((await session.scalars(select(Receipt.order_id))).all())
            #> [1]
    finally:
        sync_engine.dispose()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
