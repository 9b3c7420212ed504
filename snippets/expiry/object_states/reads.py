# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
from __future__ import annotations

import asyncio
import os
import warnings

from sqlalchemy import ForeignKey
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]
    notes: Mapped[str | None] = mapped_column(deferred=True)
    items: Mapped[list[Item]] = relationship()


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


def read(order: Order, attribute: str) -> str:
    try:
        return repr(getattr(order, attribute))
    except SQLAlchemyError as error:
        # SQLAlchemy 2.1 wraps MissingGreenlet on some drivers, and not on others.
        return type(getattr(error, "orig", None) or error).__name__


def row(state: str, order: Order) -> str:
    return " | ".join([state, *(read(order, name) for name in ("customer", "notes", "items"))])


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("state | customer, set | notes, not loaded | items, not loaded")
    #> state | customer, set | notes, not loaded | items, not loaded
    async with session_factory() as session:
        print(row("transient", Order(customer="Ada")))
        #> transient | 'Ada' | None | []
        order = Order(customer="Ada")
        session.add(order)
        print(row("pending", order))
        #> pending | 'Ada' | None | []
    for state in ("persistent", "deleted", "detached"):
        async with session_factory() as session:
            order = await session.get_one(Order, 1)
            if state == "deleted":
                await session.delete(order)
                await session.flush()
            elif state == "detached":
                session.expunge(order)
            print(row(state, order))
            #> persistent | 'Ada' | MissingGreenlet | MissingGreenlet
            #> deleted | 'Ada' | MissingGreenlet | []
            #> detached | 'Ada' | DetachedInstanceError | DetachedInstanceError


# --8<-- [end:table]


async def main() -> None:
    # With aiosqlite, SQLAlchemy 2.1 leaves a coroutine behind when it raises MissingGreenlet.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, customer="Ada"))
        await compare(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
