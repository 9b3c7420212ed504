# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Table, delete, event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


order_tags = Table(
    "order_tags",
    Base.metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)


class Tag(Base):
    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list["Line"]] = relationship(cascade="all, delete-orphan", lazy="raise")
    parcels: Mapped[list["Parcel"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )
    notes: Mapped[list["Note"]] = relationship()
    stamps: Mapped[list["Stamp"]] = relationship(passive_deletes=True)
    tags: Mapped[list[Tag]] = relationship(secondary=order_tags)
    seats: Mapped[list["Seat"]] = relationship()


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Parcel(Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))


class Stamp(Base):
    __tablename__ = "stamps"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class Seat(Base):
    __tablename__ = "seats"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)


def enforce_foreign_keys(connection: Any, record: Any) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


async def stored(engine: AsyncEngine, **columns: list[Any]) -> None:
    """One order, in a database that checks foreign keys."""
    if engine.dialect.name == "sqlite":
        await engine.dispose()
        event.listen(engine.sync_engine, "connect", enforce_foreign_keys)
    async with AsyncSession(engine) as session:
        session.add(Order(id=1, **columns))
        await session.commit()


async def count(session: AsyncSession, table: Any) -> int | None:
    return await session.scalar(select(func.count()).select_from(table))


async def claim_lazy_raise(engine: AsyncEngine) -> None:
    """`await session.delete(order)` loads a collection with `lazy="raise"`, too, and raises nothing."""
    await stored(engine, lines=[Line(), Line()])
    async with AsyncSession(engine) as session:
        order = await session.get_one(Order, 1)
        await session.delete(order)
        assert len(order.lines) == 2
        await session.flush()
        assert await count(session, Line) == 0


async def claim_in_the_session(engine: AsyncEngine) -> None:
    """An object that a query of its own had loaded stays in the session after the database deleted its row through
    `ON DELETE CASCADE`."""
    await stored(engine, parcels=[Parcel(id=7)])
    async with AsyncSession(engine) as session:
        order = await session.get_one(Order, 1)
        parcel = await session.get_one(Parcel, 7)
        await session.delete(order)
        await session.flush()
        assert await count(session, Parcel) == 0
        assert parcel in session
        assert await session.get(Parcel, 7) is parcel


async def claim_passive_and_loaded(engine: AsyncEngine) -> None:
    """If the collection is loaded, `passive_deletes=True` sends a `DELETE` for its objects, as without it."""
    await stored(engine, parcels=[Parcel(), Parcel()])
    sent: list[str] = []

    def listen(_: Connection, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement[:19])

    async with AsyncSession(engine) as session:
        loaded = [selectinload(Order.parcels)]
        order = await session.get_one(Order, 1, options=loaded)
        event.listen(engine.sync_engine, "before_cursor_execute", listen)
        await session.delete(order)
        await session.flush()
        assert "DELETE FROM parcels" in sent


async def claim_without_on_delete(engine: AsyncEngine) -> None:
    """`passive_deletes=True` without `ON DELETE` raises `IntegrityError`, if the order has children and the database
    checks foreign keys."""
    await stored(engine, stamps=[Stamp()])
    error = None
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Order, 1))
        try:
            await session.flush()
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def claim_nullable(engine: AsyncEngine) -> None:
    """Without a cascade, if the foreign key allows NULL, the children stay, and their foreign key is NULL. No error
    is raised."""
    await stored(engine, notes=[Note(id=7)])
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Order, 1))
        await session.flush()
        assert await count(session, Order) == 0
        assert (await session.scalars(select(Note.order_id))).all() == [None]


async def claim_key(engine: AsyncEngine) -> None:
    """If the foreign key is part of the primary key, the flush raises `AssertionError`: "tried to blank-out primary key column"."""
    await stored(engine, seats=[Seat(number=7)])
    error = None
    async with AsyncSession(engine) as session:
        await session.delete(await session.get_one(Order, 1))
        try:
            await session.flush()
        except AssertionError as raised:
            error = raised
    assert "tried to blank-out primary key column" in str(error)


async def claim_no_index(engine: AsyncEngine) -> None:
    """PostgreSQL makes no index for a foreign key. Without one, the `DELETE` of one order reads all rows of the table that refers to it."""
    assert engine.dialect.name == "postgresql", "this was counted on PostgreSQL"
    await stored(engine, parcels=[Parcel()])
    counted = "FROM pg_stat_xact_user_tables WHERE relname = 'parcels'"
    async with AsyncSession(engine) as session:
        session.add(Order(id=2, parcels=[Parcel() for _ in range(999)]))
        await session.commit()
        await session.execute(delete(Order).where(Order.id == 1))
        assert await session.scalar(text(f"SELECT seq_tup_read {counted}")) == 1000
        await session.rollback()
        await session.execute(text("CREATE INDEX parcels_order_id ON parcels (order_id)"))
        await session.execute(text("ANALYZE parcels"))
        await session.commit()
        await session.execute(delete(Order).where(Order.id == 1))
        assert await session.scalar(text(f"SELECT idx_scan {counted}")) == 1


async def claim_remove(engine: AsyncEngine) -> None:
    """With `delete-orphan`, `remove()` from a loaded collection deletes the row of that child, and keeps the other
    children."""
    await stored(engine, lines=[Line(id=7), Line(id=8)])
    async with AsyncSession(engine) as session:
        order = await session.get_one(Order, 1, options=[selectinload(Order.lines)])
        order.lines.remove(next(line for line in order.lines if line.id == 7))
        await session.flush()
        assert (await session.scalars(select(Line.id))).all() == [8]


async def claim_many_to_many(engine: AsyncEngine) -> None:
    """For a many-to-many relationship, `session.delete(order)` deletes the rows of the `secondary` table and keeps the
    tags."""
    await stored(engine, tags=[Tag(id=7), Tag(id=8)])
    async with AsyncSession(engine) as session:
        assert await count(session, order_tags) == 2
        await session.delete(await session.get_one(Order, 1))
        await session.flush()
        assert await count(session, order_tags) == 0
        assert await count(session, Tag) == 2


async def claim_many_to_many_statement(engine: AsyncEngine) -> None:
    """A `delete(Order)` statement does not delete the rows of the `secondary` table: without `ON DELETE CASCADE` there,
    it raises `IntegrityError`."""
    await stored(engine, tags=[Tag(id=7)])
    error = None
    async with AsyncSession(engine) as session:
        try:
            await session.execute(delete(Order))
        except IntegrityError as raised:
            error = raised
        assert error is not None


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""
async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
