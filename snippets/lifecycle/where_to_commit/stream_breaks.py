# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.134", "httpx", "uvicorn",
# ]
# ///
# silent: the client has its 200 and two ids, no order is stored, and the connection is never returned
# leaks: the session was committed and closed, begins again in the generator, and nobody ends it a second time
# raises: AssertionError
import asyncio
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
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


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:endpoint]
@app.post("/orders")
async def create_orders(
    items: list[str], session: SessionDep
) -> AsyncIterator[int]:
    for item in items:
        order = Order(item=item)
        session.add(order)
        await session.flush()
        yield order.id


# --8<-- [end:endpoint]


async def count_orders() -> int:
    async with session_factory() as session:
        return await session.scalar(select(func.count()).select_from(Order)) or 0


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
    gc.disable()  # Of itself, it would collect at another moment in each run.
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:ask]
        async with serving() as client:
            response = await client.post("/orders", json=["kettle", "toaster"])
        print(f"the client was told {response.status_code}, with the ids {response.text.split()}")
        #> the client was told 200, with the ids ['1', '2']
        held = engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]
        print(f"connections held: {held}")
        #> connections held: 1
        # --8<-- [end:ask]
        gc.collect()  # It destroys the lost connection, and SQLite's lock with it.
        await asyncio.sleep(0.2)
        # --8<-- [start:stored]
        stored = await count_orders()
        print(f"orders stored: {stored}")
        #> orders stored: 0
        assert stored == 2, "the client has ids of orders that do not exist"
        # --8<-- [end:stored]
    finally:
        gc.enable()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
