# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# also: fastapi==0.105.*, fastapi==0.117.*, fastapi==0.118.*
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import ForeignKey, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The database looks at a deferred constraint when the transaction commits, not before.
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", deferrable=True, initially="DEFERRED")
    )


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)
app = FastAPI()

if engine.dialect.name == "sqlite":

    @event.listens_for(engine.sync_engine, "connect")
    def enforce_foreign_keys(connection, _):  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA foreign_keys = ON")


# --8<-- [start:dependency]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:dependency]


# --8<-- [start:endpoint]
@app.post("/orders", status_code=201)
async def create_order(customer_id: int, session: SessionDep) -> dict[str, int]:
    order = Order(customer_id=customer_id)
    session.add(order)
    await session.flush()
    return {"id": order.id}


# --8<-- [end:endpoint]


# --8<-- [start:client]
async def order_for_a_customer_that_does_not_exist(base_url: str) -> int:
    async with httpx.AsyncClient(base_url=base_url) as client:
        response = await client.post("/orders", params={"customer_id": 404})
    return response.status_code


async def count_orders() -> int:
    # Over a new connection: on the old one, SQLite still has the failed transaction open.
    await engine.dispose()
    async with session_factory() as session:
        return await session.scalar(select(func.count()).select_from(Order)) or 0


# --8<-- [end:client]


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """A real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:proof]
        async with serving() as base_url:
            told = await order_for_a_customer_that_does_not_exist(base_url)
        stored = await count_orders()
        print(f"the client was told {told}, the table holds {stored} rows")
        #> the client was told 500, the table holds 0 rows
        assert (told == 201) == (stored == 1), "the client was told something else than the truth"
        # --8<-- [end:proof]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
