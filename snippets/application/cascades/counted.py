# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, ForeignKey, delete, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list["Line"]] = relationship(cascade="all, delete-orphan")


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    items: Mapped[list["Item"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class Item(Base):
    __tablename__ = "items"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"))


# --8<-- [start:ways]
async def in_a_loop(session: AsyncSession) -> None:
    for order in await session.scalars(select(Order)):
        await session.delete(order)


async def without_autoflush(session: AsyncSession) -> None:
    with session.no_autoflush:
        for order in await session.scalars(select(Order)):
            await session.delete(order)


async def loaded(session: AsyncSession) -> None:
    query = select(Order).options(selectinload(Order.lines))
    for order in await session.scalars(query):
        await session.delete(order)


async def passive(session: AsyncSession) -> None:
    for invoice in await session.scalars(select(Invoice)):
        await session.delete(invoice)


async def one_statement(session: AsyncSession) -> None:
    await session.execute(delete(Invoice))


# --8<-- [end:ways]
WAYS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    '`cascade="all, delete-orphan"`': in_a_loop,
    "the same in `session.no_autoflush`": without_autoflush,
    "the same with `selectinload(Order.lines)`": loaded,
    "with `passive_deletes=True` and `ON DELETE CASCADE`": passive,
    "`delete(Invoice)` and `ON DELETE CASCADE`": one_statement,
}


def enforce_foreign_keys(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


async def row(engine: AsyncEngine, name: str) -> str:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        for number in range(1, 11):
            session.add(Order(id=number, lines=[Line(), Line(), Line()]))
            session.add(Invoice(id=number, items=[Item(), Item(), Item()]))
    sent: list[str] = []

    def listen(_: Connection, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement.partition(" ")[0])

    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    async with AsyncSession(engine) as session, session.begin():
        await WAYS[name](session)
    event.remove(engine.sync_engine, "before_cursor_execute", listen)
    async with AsyncSession(engine) as session:
        lines = await session.scalar(select(func.count(Line.id)))
        items = await session.scalar(select(func.count(Item.id)))
    assert {lines, items} == {0, 30}
    return f"{name} | {sent.count('SELECT')} | {sent.count('DELETE')}"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", enforce_foreign_keys)
    try:
        # --8<-- [start:table]
        print("10 orders with 3 lines each | `SELECT` | `DELETE`")
        #> 10 orders with 3 lines each | `SELECT` | `DELETE`
        for name in WAYS:
            print(await row(engine, name))
            #> `cascade="all, delete-orphan"` | 11 | 20
            #> the same in `session.no_autoflush` | 11 | 2
            #> the same with `selectinload(Order.lines)` | 2 | 2
            #> with `passive_deletes=True` and `ON DELETE CASCADE` | 1 | 1
            #> `delete(Invoice)` and `ON DELETE CASCADE` | 0 | 1
        # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
