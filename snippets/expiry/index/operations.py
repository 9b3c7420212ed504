# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from sqlalchemy import ForeignKey, delete, func, select, update
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="new")
    customer: Mapped[str]
    lines: Mapped[list[Line]] = relationship()
    invoices: Mapped[list[Invoice]] = relationship()
    note: Mapped[str] = mapped_column(default="", deferred=True)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


# --8<-- [end:model]
READS: dict[str, Callable[[Order], object]] = {
    "column": lambda order: order.customer,
    "relationship": lambda order: len(order.lines),
    "unloaded relationship": lambda order: len(order.invoices),
    "deferred": lambda order: order.note,
    "onupdate": lambda order: order.updated_at,
    "server_default": lambda order: order.created_at,
}
# What the row says at the time of the read, in the same order.
ROW = select(
    Order.customer,
    select(func.count(Line.id)).where(Line.order_id == Order.id).scalar_subquery(),
    select(func.count(Invoice.id)).where(Invoice.order_id == Order.id).scalar_subquery(),
    Order.note,
    Order.updated_at,
    Order.created_at,
)


# The operations -----------------------------------------------------------------------------


async def flush(session: AsyncSession, order: Order) -> None:
    order.status = "paid"
    await session.flush()


async def commit(session: AsyncSession, order: Order) -> None:
    await session.commit()


async def rollback(session: AsyncSession, order: Order) -> None:
    await session.rollback()


async def savepoint_rollback(session: AsyncSession, order: Order) -> None:
    async with session.begin_nested() as savepoint:
        await flush(session, order)
        await savepoint.rollback()


async def untouched_by_savepoint(session: AsyncSession, order: Order) -> None:
    async with session.begin_nested() as savepoint:
        await savepoint.rollback()


async def refresh(session: AsyncSession, order: Order) -> None:
    await session.refresh(order)


async def expire(session: AsyncSession, order: Order) -> None:
    session.expire(order)


async def expunge(session: AsyncSession, order: Order) -> None:
    session.expunge(order)


async def close(session: AsyncSession, order: Order) -> None:
    await session.close()


Operation = Callable[[AsyncSession, Order], Awaitable[None]]
ROWS: dict[str, list[Operation]] = {
    "load": [],
    "flush": [flush],
    "commit": [flush, commit],
    "rollback": [flush, rollback],
    "savepoint rollback": [savepoint_rollback],
    "savepoint rollback, unchanged": [untouched_by_savepoint],
    "commit, refresh": [flush, commit, refresh],
    "expire": [flush, expire],
    "expunge": [flush, expunge],
    "close": [flush, close],
}


# The table ----------------------------------------------------------------------------------


async def table(engine: AsyncEngine, closed: bool) -> list[str]:
    lines = ["after | loaded | unloaded relationship | deferred | onupdate | server default"]
    for name, operations in ROWS.items():
        lines += await rows(engine, name, operations, closed)
    if closed:
        lines += await rows(engine, "begin()", [flush], closed, begin=True)
    return lines


async def rows(
    engine: AsyncEngine, name: str, operations: list[Operation], closed: bool, begin: bool = False
) -> list[str]:
    """One row if both settings do the same, two if not."""
    outcomes = []
    for setting in (True, False):
        session_factory = async_sessionmaker(engine, expire_on_commit=setting)
        open_block = session_factory.begin if begin else session_factory
        await store_order(engine)
        stored = await cells(engine, open_block(), load_order, operations, closed)
        new = await cells(engine, open_block(), add_order, operations, closed)
        column, relationship, *others, _ = stored
        assert column == relationship, "A loaded relationship no longer does what a column does."
        outcomes.append(" | ".join([column, *others, new[-1]]))
    if outcomes[0] == outcomes[1]:
        return [f"{name} | {outcomes[0]}"]
    return [
        f"{name}, expire_on_commit=True | {outcomes[0]}",
        f"{name}, expire_on_commit=False | {outcomes[1]}",
    ]


async def cells(
    engine: AsyncEngine,
    block: AbstractAsyncContextManager[AsyncSession],
    prepare: Callable[[AsyncSession], Awaitable[Order]],
    operations: list[Operation],
    closed: bool,
) -> list[str]:
    async with block as session:
        order = await prepare(session)
        order_id = order.id
        for operation in operations:
            await operation(session, order)
        if not closed:
            return await compare(session, order, order_id)
    async with AsyncSession(engine) as other_session:
        return await compare(other_session, order, order_id)


async def load_order(session: AsyncSession) -> Order:
    order = await session.get_one(Order, 1, options=[selectinload(Order.lines)])
    async with AsyncSession(session.bind) as other_session, other_session.begin():
        later = datetime(2030, 1, 1)
        values = {"customer": "Grace", "note": "Call", "created_at": later, "updated_at": later}
        await other_session.execute(update(Order).values(values))
        other_session.add_all([Line(order_id=1), Invoice(order_id=1)])
    return order


async def add_order(session: AsyncSession) -> Order:
    order = Order(id=2, customer="Ada")
    session.add(order)
    return order


async def compare(session: AsyncSession, order: Order, order_id: int) -> list[str]:
    """Read every attribute, then look what the row says."""
    seen = [outcome(read, order) for read in READS.values()]
    row = (await session.execute(ROW.where(Order.id == order_id))).one_or_none()
    return [cell(value, now) for value, now in zip(seen, row or [None] * len(seen), strict=True)]


def outcome(read: Callable[[Order], object], order: Order) -> object:
    try:
        return read(order)
    except StatementError as error:
        return error.orig
    except (MissingGreenlet, DetachedInstanceError) as error:
        return error


def cell(value: object, now: object) -> str:
    """What the reader has: the exception in one word, or how the value compares with the row."""
    if isinstance(value, MissingGreenlet):
        return "Greenlet"
    if isinstance(value, DetachedInstanceError):
        return "Detached"
    if value is None:
        return "None"
    if now is None:
        return "no row"
    return "readable" if value == now else "stale"


async def store_order(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session, session.begin():
        for model in (Line, Invoice, Order):
            await session.execute(delete(model))
        session.add(Order(id=1, customer="Ada", lines=[Line()]))


# --8<-- [start:table-open]
async def print_open(engine: AsyncEngine) -> None:
    for line in await table(engine, closed=False):
        print(line)
        #> after | loaded | unloaded relationship | deferred | onupdate | server default
        #> load | stale | Greenlet | Greenlet | stale | None
        #> flush | stale | Greenlet | Greenlet | Greenlet | readable
        #> commit, expire_on_commit=True | Greenlet | Greenlet | Greenlet | Greenlet | Greenlet
        #> commit, expire_on_commit=False | stale | Greenlet | Greenlet | Greenlet | readable
        #> rollback | Greenlet | Greenlet | Greenlet | Greenlet | no row
        #> savepoint rollback | Greenlet | Greenlet | Greenlet | Greenlet | Greenlet
        #> savepoint rollback, unchanged | stale | Greenlet | Greenlet | stale | readable
        #> commit, refresh | readable | Greenlet | Greenlet | readable | readable
        #> expire | Greenlet | Greenlet | Greenlet | Greenlet | Greenlet
        #> expunge | stale | Detached | Detached | Detached | readable
        #> close | stale | Detached | Detached | Detached | no row


# --8<-- [end:table-open]
# --8<-- [start:table-closed]
async def print_closed(engine: AsyncEngine) -> None:
    for line in await table(engine, closed=True):
        print(line)
        #> after | loaded | unloaded relationship | deferred | onupdate | server default
        #> load | stale | Detached | Detached | stale | None
        #> flush | stale | Detached | Detached | Detached | no row
        #> commit, expire_on_commit=True | Detached | Detached | Detached | Detached | Detached
        #> commit, expire_on_commit=False | stale | Detached | Detached | Detached | readable
        #> rollback | Detached | Detached | Detached | Detached | no row
        #> savepoint rollback | Detached | Detached | Detached | Detached | Detached
        #> savepoint rollback, unchanged | stale | Detached | Detached | stale | no row
        #> commit, refresh | readable | Detached | Detached | readable | readable
        #> expire | Detached | Detached | Detached | Detached | Detached
        #> expunge | stale | Detached | Detached | Detached | no row
        #> close | stale | Detached | Detached | Detached | no row
        #> begin(), expire_on_commit=True | Detached | Detached | Detached | Detached | Detached
        #> begin(), expire_on_commit=False | stale | Detached | Detached | Detached | readable


# --8<-- [end:table-closed]
async def main() -> None:
    # On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await print_open(engine)
        await print_closed(engine)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
