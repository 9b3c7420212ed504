# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# raises: AssertionError
# silent: the order that was refused is stored
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()
payment_was_asked_for = asyncio.Event()
payment_was_refused = asyncio.Event()


# --8<-- [start:dependency]
the_session = session_factory()


async def get_session() -> AsyncIterator[AsyncSession]:
    yield the_session


SessionDep = Annotated[AsyncSession, Depends(get_session)]
# --8<-- [end:dependency]


# --8<-- [start:endpoints]
@app.post("/orders")
async def create_order(item: str, session: SessionDep) -> None:
    session.add(Order(item=item))
    payment_was_asked_for.set()
    await payment_was_refused.wait()
    await session.rollback()
    raise HTTPException(402)


@app.post("/heartbeat")
async def heartbeat(session: SessionDep) -> None:
    await session.commit()


# --8<-- [end:endpoints]


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
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
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:client]
        async with serving() as client:
            ordering = asyncio.create_task(client.post("/orders?item=kettle"))
            await payment_was_asked_for.wait()
            await client.post("/heartbeat")
            payment_was_refused.set()
            status = (await ordering).status_code
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(Order))
        print(f"{status}, {stored} orders")
        #> 402, 1 orders
        assert stored == 0, "another request has committed the order"
        # --8<-- [end:client]
    finally:
        await the_session.close()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
