# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
# twin: application/options_ignored/add_order_breaks
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship(order_by="Order.id")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    item: Mapped[str]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    try:
        yield {
            "session_factory": async_sessionmaker(
                engine, expire_on_commit=False, close_resets_only=False
            )
        }
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:find]
async def find(session: AsyncSession, customer_id: int) -> Customer:
    query = select(Customer).where(Customer.id == customer_id)
    query = query.options(selectinload(Customer.orders))
    return (await session.scalars(query)).one()


# --8<-- [end:find]


# --8<-- [start:endpoint]
@app.post("/customers/{customer_id}/orders", status_code=201)
async def add_order(customer_id: int, item: str, session: SessionDep) -> list[str]:
    customer = await find(session, customer_id)
    if len(customer.orders) >= 3:
        raise HTTPException(409, "three orders are enough")
    customer.orders.append(Order(item=item))
    await session.flush()
    return [order.item for order in customer.orders]


# --8<-- [end:endpoint]


@app.get("/customers/{customer_id}/orders")
async def list_orders(customer_id: int, session: SessionDep) -> list[str]:
    return [order.item for order in (await find(session, customer_id)).orders]


async def create_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Customer(id=1, orders=[Order(item="Punch cards")]))
        await session.commit()
    await engine.dispose()


async def drop_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
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
    try:
        # --8<-- [start:client]
        async with serving(app) as client:
            created = await client.post("/customers/1/orders?item=Moths")
            print(created.status_code, created.json())
            #> 201 ['Punch cards', 'Moths']
            print((await client.get("/customers/1/orders")).json())
            #> ['Punch cards', 'Moths']
        # --8<-- [end:client]
    finally:
        await drop_tables(DATABASE_URL)


if __name__ == "__main__":
    asyncio.run(main())
