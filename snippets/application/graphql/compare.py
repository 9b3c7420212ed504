# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and which connection comes first varies
import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]


class Address(Base):
    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]


Factory = async_sessionmaker[AsyncSession]
CUSTOMERS = range(1, 4)


def query(model: type[Order] | type[Address], customer_ids: Sequence[int]) -> Any:
    return select(model).where(model.customer_id.in_(customer_ids))


async def load(factory: Factory, model: type[Order] | type[Address], customer_ids: Sequence[int]) -> None:
    async with factory() as session:
        await session.scalars(query(model, customer_ids))


async def each_resolver(factory: Factory) -> None:
    fields = [load(factory, model, [number]) for model in (Order, Address) for number in CUSTOMERS]
    await asyncio.gather(*fields)


async def each_batch(factory: Factory) -> None:
    await asyncio.gather(load(factory, Order, CUSTOMERS), load(factory, Address, CUSTOMERS))


async def with_lock(factory: Factory) -> None:
    lock = asyncio.Lock()

    async def locked(model: type[Order] | type[Address]) -> None:
        async with lock:
            await session.scalars(query(model, CUSTOMERS))

    async with factory() as session:
        await asyncio.gather(locked(Order), locked(Address))


WAYS: dict[str, Callable[[Factory], Awaitable[None]]] = {
    "no loader, a session for each resolver": each_resolver,
    "loaders, a session for each batch": each_batch,
    "loaders, the request's session and a lock": with_lock,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        counts = {"statements": 0, "checkouts": 0}

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def sent(*_: object) -> None:
            counts["statements"] += 1

        @event.listens_for(engine.sync_engine, "checkout")
        def taken(*_: object) -> None:
            counts["checkouts"] += 1

        # --8<-- [start:table]
        print("two fields of three customers | statements | connections taken")
        #> two fields of three customers | statements | connections taken
        for name, way in WAYS.items():
            counts.update(statements=0, checkouts=0)
            await way(async_sessionmaker(engine))
            print(f"{name} | {counts['statements']} | {counts['checkouts']}")
            #> no loader, a session for each resolver | 6 | 6
            #> loaders, a session for each batch | 2 | 2
            #> loaders, the request's session and a lock | 2 | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
