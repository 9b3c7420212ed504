# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import gc
import os
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    defer,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# aiosqlite's own coroutine is dropped when the load fails.
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")


# --8<-- [start:models]
class Base(AsyncAttrs, DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    notes: Mapped[str] = mapped_column(deferred=True)
    salary: Mapped[int] = mapped_column(deferred=True, deferred_raiseload=True)
    orders: Mapped[list["Order"]] = relationship(lazy="raise", back_populates="user")
    invoices: Mapped[list["Invoice"]] = relationship(lazy="raise_on_sql", back_populates="user")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(lazy="raise", back_populates="orders")


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(lazy="raise_on_sql", back_populates="invoices")


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship()


# --8<-- [end:models]


# --8<-- [start:relationships]
async def relationships(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("What is read | it gives")
    #> What is read | it gives
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        print('user.orders, lazy="raise" |', read(lambda: user.orders))
        #> user.orders, lazy="raise" | 'User.orders' is not available due to lazy='raise'
        print('user.invoices, lazy="raise_on_sql" |', read(lambda: user.invoices))
        #> user.invoices, lazy="raise_on_sql" | 'User.invoices' is not available due to lazy='raise_on_sql'
    async with session_factory() as session:
        invoice = await session.get_one(Invoice, 1)
        print('invoice.user, lazy="raise_on_sql" |', read(lambda: invoice.user))
        #> invoice.user, lazy="raise_on_sql" | 'Invoice.user' is not available due to lazy='raise_on_sql'
        user = await session.get_one(User, 1)
        print("... and the user is in the session |", read(lambda: invoice.user))
        #> ... and the user is in the session | User
        order = await session.get_one(Order, 1)
        print('order.user, lazy="raise", the same |', read(lambda: order.user))
        #> order.user, lazy="raise", the same | 'Order.user' is not available due to lazy='raise'
    async with session_factory() as session:
        note = (await session.scalars(select(Note).options(raiseload("*")))).one()
        print('note.user, raiseload("*") |', read(lambda: note.user))
        #> note.user, raiseload("*") | 'Note.user' is not available due to lazy='raise'
    async with session_factory() as session:
        both = select(Note).options(raiseload("*"), selectinload(Note.user))
        note = (await session.scalars(both)).one()
        print("... and selectinload(Note.user) |", read(lambda: note.user))
        #> ... and selectinload(Note.user) | User
    async with session_factory() as session:
        quiet = select(Note).options(raiseload("*", sql_only=True))
        note = (await session.scalars(quiet)).one()
        print('note.user, raiseload("*", sql_only=True) |', read(lambda: note.user))
        #> note.user, raiseload("*", sql_only=True) | 'Note.user' is not available due to lazy='raise_on_sql'


# --8<-- [end:relationships]


# --8<-- [start:columns]
async def columns(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("What is read | it gives")
    #> What is read | it gives
    strict = select(User).options(raiseload("*"))
    async with session_factory() as session:
        user = (await session.scalars(strict)).one()
        print('deferred column, raiseload("*") |', read(lambda: user.notes))
        #> deferred column, raiseload("*") | MissingGreenlet
        print("column with deferred_raiseload=True |", read(lambda: user.salary))
        #> column with deferred_raiseload=True | 'User.salary' is not available due to raiseload=True
    async with session_factory() as session:
        stricter = strict.options(defer(User.name, raiseload=True))
        user = (await session.scalars(stricter)).one()
        print("column with defer(raiseload=True) |", read(lambda: user.name))
        #> column with defer(raiseload=True) | 'User.name' is not available due to raiseload=True
    async with session_factory() as session:
        user = (await session.scalars(strict.options(selectinload(User.orders)))).one()
        await session.commit()
        print('column after commit, raiseload("*") |', read(lambda: user.name))
        #> column after commit, raiseload("*") | MissingGreenlet
        print("... a loaded relationship |", read(lambda: user.orders))
        #> ... a loaded relationship | 'User.orders' is not available due to lazy='raise'


# --8<-- [end:columns]


# --8<-- [start:around]
async def around(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print('With lazy="raise" | it gives')
    #> With lazy="raise" | it gives
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        try:
            await user.awaitable_attrs.orders
        except SQLAlchemyError as error:
            print("await user.awaitable_attrs.orders |", describe(error))
            #> await user.awaitable_attrs.orders | 'User.orders' is not available due to lazy='raise'
        outcome = await session.run_sync(lambda _: read(lambda: user.orders))
        print("user.orders in run_sync |", outcome)
        #> user.orders in run_sync | 'User.orders' is not available due to lazy='raise'
        await session.refresh(user, ["orders"])
        print('after refresh(user, ["orders"]) |', read(lambda: user.orders))
        #> after refresh(user, ["orders"]) | a list
    async with session_factory() as session:
        user = User(id=2, name="Grace", notes="", salary=1)
        ready = User(id=3, name="Alan", notes="", salary=1, orders=[])
        session.add_all([user, ready])
        print("a new object, before the flush |", read(lambda: user.orders))
        #> a new object, before the flush | a list
        await session.flush()
        print("... after the flush |", read(lambda: user.orders))
        #> ... after the flush | 'User.orders' is not available due to lazy='raise'
        print("... after the flush, made with orders=[] |", read(lambda: ready.orders))
        #> ... after the flush, made with orders=[] | a list
    async with session_factory() as session:
        user = await session.get_one(User, 1)
    print("the session is closed |", read(lambda: user.orders))
    #> the session is closed | 'User.orders' is not available due to lazy='raise'


# --8<-- [end:around]


def read(attribute: Callable[[], Any]) -> str:
    try:
        value = attribute()
        return "a list" if isinstance(value, list) else type(value).__name__
    except SQLAlchemyError as error:
        return describe(error)
    finally:
        gc.collect()  # The dropped coroutine complains here, where it is ignored, or anywhere.


def describe(error: SQLAlchemyError) -> str:
    """SQLAlchemy 2.1 wraps MissingGreenlet on aiosqlite and psycopg, and does not on asyncpg."""
    cause = getattr(error, "orig", None) or error
    name = type(cause).__name__
    return str(cause) if name == "InvalidRequestError" else name


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            user = User(id=1, name="Ada", notes="", salary=1)
            session.add(user)
            session.add_all([Order(id=1, user=user), Invoice(id=1, user=user), Note(id=1, user=user)])
        del user
        await relationships(session_factory)
        await columns(session_factory)
        await around(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
