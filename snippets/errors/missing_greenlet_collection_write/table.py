# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings
from collections.abc import Callable

from sqlalchemy import ForeignKey
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    article: Mapped[str]
    order: Mapped["Order"] = relationship(back_populates="lines")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    lines: Mapped[list[Line]] = relationship(back_populates="order")


def milk() -> Line:
    return Line(article="milk")


def replace(order: Order) -> None:
    order.lines = [milk()]


def from_the_other_side(order: Order) -> None:
    milk().order = order


WRITES: dict[str, Callable[[Order], object]] = {
    "`order.lines.append(line)`": lambda order: order.lines.append(milk()),
    "`order.lines.remove(line)`": lambda order: order.lines.remove(milk()),
    "`order.lines.clear()`": lambda order: order.lines.clear(),
    "`order.lines = [line]`": replace,
    "`line.order = order`": from_the_other_side,
}


def outcome(order: Order, write: Callable[[Order], object]) -> str:
    try:
        write(order)
    except (MissingGreenlet, StatementError):
        return "MissingGreenlet"
    return "loads nothing"


# --8<-- [start:table]
async def try_all(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("`lines` not loaded | what happens")
    #> `lines` not loaded | what happens
    for name, write in WRITES.items():
        async with session_factory() as session:
            print(name, "|", outcome(await session.get_one(Order, 1), write))
            #> `order.lines.append(line)` | MissingGreenlet
            #> `order.lines.remove(line)` | MissingGreenlet
            #> `order.lines.clear()` | MissingGreenlet
            #> `order.lines = [line]` | MissingGreenlet
            #> `line.order = order` | loads nothing


# --8<-- [end:table]


async def main() -> None:
    warnings.filterwarnings("ignore", "coroutine .* was never awaited")
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Order(id=1, lines=[Line(article="tea")]))
        await try_all(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
