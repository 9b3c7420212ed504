# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# aiosqlite has already made the coroutine for the load that is refused.
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str]
    note: Mapped[str] = mapped_column(default="", deferred=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship()
    lines: Mapped[list["Line"]] = relationship()


# --8<-- [end:model]


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    product: Mapped[str]


Read = Callable[[AsyncSession, Order], Awaitable[object]]


# --8<-- [start:reads]
async def column(session: AsyncSession, order: Order) -> object:
    await session.commit()
    return order.reference


async def primary_key(session: AsyncSession, order: Order) -> object:
    await session.commit()
    return order.id


async def collection_loaded_before(session: AsyncSession, order: Order) -> object:
    await session.commit()
    return order.lines


async def column_after_close(session: AsyncSession, order: Order) -> object:
    await session.commit()
    await session.close()
    return order.reference


async def new_object(session: AsyncSession, order: Order) -> object:
    new = Order(reference="B-2", customer_id=1)
    session.add(new)
    await session.commit()
    return new.id, new.created_at


async def column_set_after_commit(session: AsyncSession, order: Order) -> object:
    await session.commit()
    order.reference = "A-2"
    return order.reference


async def relationship_never_loaded(session: AsyncSession, order: Order) -> object:
    await session.commit()
    return order.customer


async def deferred_column(session: AsyncSession, order: Order) -> object:
    await session.commit()
    return order.note


async def onupdate_column(session: AsyncSession, order: Order) -> object:
    order.reference += "!"
    await session.commit()
    return order.updated_at


async def after_rollback(session: AsyncSession, order: Order) -> object:
    await session.rollback()
    return order.reference


async def new_object_after_rollback(session: AsyncSession, order: Order) -> object:
    new = Order(reference="B-3", customer_id=1)
    session.add(new)
    await session.flush()
    await session.rollback()
    return new.id


async def after_failed_flush(session: AsyncSession, order: Order) -> object:
    session.add(Customer(id=1, name="the id is taken"))
    with suppress(IntegrityError):
        await session.flush()
    return order.reference


async def changed_in_savepoint_rolled_back(session: AsyncSession, order: Order) -> object:
    savepoint = await session.begin_nested()
    order.reference = "A-2"
    await savepoint.rollback()
    return order.reference


async def changed_in_savepoint_released(session: AsyncSession, order: Order) -> object:
    async with session.begin_nested():
        order.reference = "A-2"
    return order.reference


async def after_flush(session: AsyncSession, order: Order) -> object:
    order.reference = "A-2"
    await session.flush()
    return order.reference


async def after_close_only(session: AsyncSession, order: Order) -> object:
    await session.close()
    return order.reference


# --8<-- [end:reads]

READS: dict[str, Read] = {
    "a column, after commit": column,
    "the primary key, after commit": primary_key,
    "a loaded collection, after commit": collection_loaded_before,
    "a new object's id, after commit": new_object,
    "a column, after commit and close": column_after_close,
    "a never-loaded relationship, after commit": relationship_never_loaded,
    "a deferred column, after commit": deferred_column,
    "an onupdate column, after UPDATE and commit": onupdate_column,
    "a column, after rollback": after_rollback,
    "a new object, after flush and rollback": new_object_after_rollback,
    "a column, after a failed flush": after_failed_flush,
    "a changed column, after savepoint rollback": changed_in_savepoint_rolled_back,
    "a changed column, after savepoint release": changed_in_savepoint_released,
    "a changed column, after flush": after_flush,
    "a column set again after commit": column_set_after_commit,
    "a column, after close alone": after_close_only,
}


async def outcome(session_factory: async_sessionmaker[AsyncSession], read: Read) -> str:
    async with session_factory() as session:
        order = await session.get_one(Order, 1, options=[selectinload(Order.lines)])
        try:
            await read(session, order)
        except Exception as error:
            # SQLAlchemy 2.1 wraps MissingGreenlet on aiosqlite and psycopg.
            cause = error.orig if isinstance(error, StatementError) else error
            return type(cause).__name__
        return "the value"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        default = async_sessionmaker(engine)
        kept = async_sessionmaker(engine, expire_on_commit=False)
        async with default.begin() as session:
            session.add(Customer(id=1, name="Ada"))
            await session.flush()
            session.add(Order(reference="A-1", customer_id=1))
        # --8<-- [start:table]
        print("You read | default | False")
        #> You read | default | False
        for said, read in READS.items():
            print(f"{said} | {await outcome(default, read)} | {await outcome(kept, read)}")
            #> a column, after commit | MissingGreenlet | the value
            #> the primary key, after commit | MissingGreenlet | the value
            #> a loaded collection, after commit | MissingGreenlet | the value
            #> a new object's id, after commit | MissingGreenlet | the value
            #> a column, after commit and close | DetachedInstanceError | the value
            #> a never-loaded relationship, after commit | MissingGreenlet | MissingGreenlet
            #> a deferred column, after commit | MissingGreenlet | MissingGreenlet
            #> an onupdate column, after UPDATE and commit | MissingGreenlet | MissingGreenlet
            #> a column, after rollback | MissingGreenlet | MissingGreenlet
            #> a new object, after flush and rollback | the value | the value
            #> a column, after a failed flush | PendingRollbackError | PendingRollbackError
            #> a changed column, after savepoint rollback | MissingGreenlet | MissingGreenlet
            #> a changed column, after savepoint release | the value | the value
            #> a changed column, after flush | the value | the value
            #> a column set again after commit | the value | the value
            #> a column, after close alone | the value | the value
        # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
