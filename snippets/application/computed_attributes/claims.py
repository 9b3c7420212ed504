# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import io
import logging
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    mapped_column,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


class Base(MappedAsDataclass, DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "dataclass_owners"

    id: Mapped[int] = mapped_column(primary_key=True)


class Pet(Base):
    __tablename__ = "dataclass_pets"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("dataclass_owners.id"), default=None)
    owner: Mapped[Owner | None] = relationship(default=None)


class Dog(Base):
    __tablename__ = "dataclass_dogs"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("dataclass_owners.id"), default=None)
    owner: Mapped[Owner | None] = relationship(init=False)


class Plain(Base, eq=False):
    __tablename__ = "dataclass_plain"

    id: Mapped[int] = mapped_column(primary_key=True)


async def claim_foreign_key(engine: AsyncEngine) -> None:
    """With `relationship(default=None)` in a dataclass, `Pet(id=1, owner_id=7)` stores the 7."""
    async with AsyncSession(engine) as session:
        session.add(Owner(id=7))
        await session.flush()
        session.add(Pet(id=1, owner_id=7))
        await session.commit()
        stored = await session.scalar(select(Pet.owner_id))
        assert stored == 7, "it stores NULL"


async def claim_init_false(engine: AsyncEngine) -> None:
    """With `relationship(init=False)` instead, `Dog(id=1, owner_id=7)` stores the 7."""
    async with AsyncSession(engine) as session:
        session.add(Owner(id=7))
        await session.flush()
        session.add(Dog(id=1, owner_id=7))
        await session.commit()
        stored = await session.scalar(select(Dog.owner_id))
        assert stored == 7


async def claim_hash(engine: AsyncEngine) -> None:
    """With `class Base(MappedAsDataclass, DeclarativeBase)`, an object cannot be put into a set. `eq=False` in this base class changes that, and in the class alone it does not."""
    for unhashable in Owner(id=1), Plain(id=1):
        error = None
        try:
            _ = {unhashable}
        except TypeError as raised:
            error = raised
        assert error is not None

    class Identity(MappedAsDataclass, DeclarativeBase, eq=False):
        pass

    class Keeper(Identity):
        __tablename__ = "dataclass_keepers"

        id: Mapped[int] = mapped_column(primary_key=True)

    keeper = Keeper(id=1)
    assert keeper in {keeper}
    assert keeper != Keeper(id=1)


async def claim_class_level(engine: AsyncEngine) -> None:
    """Without an `expression`, a hybrid that loops over a relationship raises when you use it in a query."""

    class Local(DeclarativeBase):
        pass

    class Line(Local):
        __tablename__ = "hybrid_lines"

        id: Mapped[int] = mapped_column(primary_key=True)
        order_id: Mapped[int] = mapped_column(ForeignKey("hybrid_orders.id"))
        price: Mapped[int]

    class Order(Local):
        __tablename__ = "hybrid_orders"

        id: Mapped[int] = mapped_column(primary_key=True)
        lines: Mapped[list[Line]] = relationship()

        @hybrid_property
        def total(self) -> Any:
            return sum(line.price for line in self.lines)

    error = None
    try:
        select(Order).where(Order.total > 1)
    except Exception as raised:
        error = raised
    assert error is not None


async def claim_in_the_session(engine: AsyncEngine) -> None:
    """If the session has the order already, `get_one()` ignores its `options`, and the hybrid raises `MissingGreenlet`, in some runs inside a `StatementError`."""

    class Local(DeclarativeBase):
        pass

    class Line(Local):
        __tablename__ = "hybrid_lines"

        id: Mapped[int] = mapped_column(primary_key=True)
        order_id: Mapped[int] = mapped_column(ForeignKey("hybrid_orders.id"))

    class Order(Local):
        __tablename__ = "hybrid_orders"

        id: Mapped[int] = mapped_column(primary_key=True)
        lines: Mapped[list[Line]] = relationship()

        @hybrid_property
        def count(self) -> int:
            return len(self.lines)

    async with engine.begin() as connection:
        await connection.run_sync(Local.metadata.create_all)
    error = None
    async with AsyncSession(engine) as session:
        session.add(Order(id=1, lines=[Line()]))
        await session.commit()
    async with AsyncSession(engine) as session:
        held = await session.get_one(Order, 1)
        order = await session.get_one(Order, 1, options=[selectinload(Order.lines)])
        try:
            print(order.count)
        except Exception as raised:
            error = raised
    async with engine.begin() as connection:
        await connection.run_sync(Local.metadata.drop_all)
    assert order is held
    assert "MissingGreenlet" in f"{type(error).__name__}: {error}"


async def error_of_index(engine: AsyncEngine, computed: Computed) -> str:
    """What the database says to an index on such a column."""

    class Local(DeclarativeBase):
        pass

    class Price(Local):
        __tablename__ = "computed_prices"

        id: Mapped[int] = mapped_column(primary_key=True)
        net: Mapped[int]
        gross: Mapped[int] = mapped_column(computed)
        __table_args__ = (Index("computed_prices_gross", gross),)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(Local.metadata.create_all)
    except DBAPIError as raised:
        return str(raised)
    async with engine.begin() as connection:
        await connection.run_sync(Local.metadata.drop_all)
    return ""


async def claim_virtual(engine: AsyncEngine) -> None:
    """A column with `Computed("net * 2")` can have an index."""
    error = await error_of_index(engine, Computed("net * 2"))
    assert "virtual generated columns" not in error, "indexes on virtual generated columns are not supported"
    assert error == ""


async def claim_persisted(engine: AsyncEngine) -> None:
    """A column with `Computed("net * 2", persisted=True)` can have an index."""
    assert await error_of_index(engine, Computed("net * 2", persisted=True)) == ""


async def claim_logging(engine: AsyncEngine) -> None:
    """`logger.info("%s", dog)` does not raise: `logging` catches the error of the `repr`, and the message is lost."""
    caught: list[str] = []

    class Handler(logging.StreamHandler[io.StringIO]):
        def handleError(self, record: logging.LogRecord) -> None:
            caught.append(traceback.format_exc())

    async with AsyncSession(engine) as session:
        session.add(Owner(id=7))
        await session.flush()
        session.add(Dog(id=2, owner_id=7))
        await session.commit()
    written = io.StringIO()
    logger = logging.Logger("dogs")
    logger.addHandler(Handler(written))
    async with AsyncSession(engine) as session:
        logger.info("%s", await session.get_one(Dog, 2))
    assert written.getvalue() == ""
    assert ["MissingGreenlet" in error for error in caught] == [True]


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
