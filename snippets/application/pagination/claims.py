# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, and_, func, or_, select, text, tuple_, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, contains_eager, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "paged_orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(default="Ada")
    total: Mapped[int] = mapped_column(default=0)
    discount: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    lines: Mapped[list["Line"]] = relationship(order_by="Line.id")


class Line(Base):
    __tablename__ = "paged_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("paged_orders.id"))


async def store(engine: AsyncEngine, *orders: Order) -> None:
    async with AsyncSession(engine) as session, session.begin():
        session.add_all(orders)


async def claim_no_order(engine: AsyncEngine) -> None:
    """Without `order_by`, an `UPDATE` of order 1 between two pages of two moves the others forward: order 3 is on neither."""
    await store(engine, *(Order(id=number) for number in range(1, 5)))
    query = select(Order.id).limit(2)
    async with AsyncSession(engine) as session:
        first = (await session.scalars(query)).all()
        await session.execute(update(Order).where(Order.id == 1).values(total=7))
        second = (await session.scalars(query.offset(2))).all()
        assert 3 not in {*first, *second}, "the pages have the orders 1 to 4"


async def claim_mixed_directions(engine: AsyncEngine) -> None:
    """With `ORDER BY total DESC, id ASC`, where the last row is order 2, `tuple_(Order.total, Order.id) < (total, 2)` returns order 1 again."""
    await store(engine, *(Order(id=number, total=5) for number in range(1, 5)))
    query = select(Order.id).order_by(Order.total.desc(), Order.id).limit(2)
    async with engine.connect() as connection:
        first = (await connection.scalars(query)).all()
        assert first == [1, 2]
        second = (await connection.scalars(query.where(tuple_(Order.total, Order.id) < (5, 2)))).all()
        assert second == [1]


async def claim_or(engine: AsyncEngine) -> None:
    """`or_(Order.total < total, and_(Order.total == total, Order.id > 2))` returns the orders 3 and 4."""
    await store(engine, *(Order(id=number, total=5) for number in range(1, 5)))
    query = select(Order.id).order_by(Order.total.desc(), Order.id).limit(2)
    after = or_(Order.total < 5, and_(Order.total == 5, Order.id > 2))
    async with engine.connect() as connection:
        assert (await connection.scalars(query.where(after))).all() == [3, 4]


async def claim_moved(engine: AsyncEngine) -> None:
    """If a sort value changes between two pages, its row moves, and can be on two pages or on none: order 3 gets the lowest total and is skipped."""
    await store(engine, *(Order(id=number, total=number) for number in range(1, 5)))
    query = select(Order.id).order_by(Order.total, Order.id).limit(2)
    async with AsyncSession(engine) as session:
        first = (await session.scalars(query)).all()
        assert first == [1, 2]
        await session.execute(update(Order).where(Order.id == 3).values(total=0))
        second = (await session.scalars(query.where(tuple_(Order.total, Order.id) > (2, 2)))).all()
        assert second == [4]


async def claim_indexed(engine: AsyncEngine) -> None:
    """If the sort column has an index, PostgreSQL can read the rows from it in one order: then this test passes without the primary key. After `ANALYZE`, ten rows are sorted, and it fails."""
    assert engine.dialect.name == "postgresql", "SQLite returns the rows in the order of their ids"
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(text("CREATE INDEX paged_orders_total ON paged_orders (total)"))
        session.add_all([Order(id=number, total=5) for number in range(1, 11)])
    query = select(Order.id).order_by(Order.total).limit(2)
    missing = []
    for command in "SELECT 1", "ANALYZE paged_orders":
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(text(command))
            seen = {id for page in range(5) for id in (await session.scalars(query.offset(2 * page))).all()}
            missing.append(10 - len(seen))
    assert missing[0] == 0
    assert missing[1] > 0


async def claim_null_in_the_cursor(engine: AsyncEngine) -> None:
    """If the last row has NULL in the sort column, the next page is empty: a tuple comparison with it is not true for any row."""
    await store(engine, *(Order(id=number) for number in range(1, 5)))
    after = tuple_(Order.discount, Order.id) > tuple_(None, 2)
    async with engine.connect() as connection:
        found = (await connection.scalars(select(Order.id).where(after))).all()
        assert found == []
        ordered = select(Order.id).order_by(Order.discount, Order.id).offset(2)
        assert len((await connection.scalars(ordered)).all()) == 2


async def claim_null_after_the_cursor(engine: AsyncEngine) -> None:
    """A page that begins after `discount` 5 lacks the rows whose `discount` is NULL, also where these are sorted last."""
    await store(engine, Order(id=1, discount=5), Order(id=2, discount=6), Order(id=3))
    query = select(Order.id).order_by(Order.discount.nulls_last(), Order.id)
    async with engine.connect() as connection:
        assert (await connection.scalars(query)).all() == [1, 2, 3]
        after = tuple_(Order.discount, Order.id) > (5, 1)
        assert (await connection.scalars(query.where(after))).all() == [2]


async def claim_server_default(engine: AsyncEngine) -> None:
    """Where `created_at` is filled by `server_default=func.now()`, the page after the last row is empty."""
    await store(engine, Order(id=1))
    async with engine.connect() as connection:
        created_at = await connection.scalar(select(Order.created_at))
        after = tuple_(Order.created_at, Order.id) < (created_at, 1)
        found = (await connection.scalars(select(Order.id).where(after))).all()
        assert found == [], "the page has the last row again: SQLite compares text, and the stored one lacks the microseconds"


async def claim_commit_in_between(engine: AsyncEngine) -> None:
    """An order committed between the count and the page is on the page and not in the total."""
    await store(engine, Order(id=1))
    async with AsyncSession(engine) as session:
        total = await session.scalar(select(func.count()).select_from(Order))
        await store(engine, Order(id=2))
        page = (await session.scalars(select(Order.id).order_by(Order.id))).all()
        assert (total, page) == (1, [1, 2])


async def claim_repeatable_read(engine: AsyncEngine) -> None:
    """In a transaction with `isolation_level="REPEATABLE READ"`, it is on neither."""
    await store(engine, Order(id=1))
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        total = await session.scalar(select(func.count()).select_from(Order))
        await store(engine, Order(id=2))
        page = (await session.scalars(select(Order.id).order_by(Order.id))).all()
        assert (total, page) == (1, [1])


async def claim_join(engine: AsyncEngine) -> None:
    """With `join(Order.lines)`, `contains_eager` and `limit(3)`, the limit counts lines: the page has two orders, and the second lacks a line."""
    await store(engine, *(Order(id=number, lines=[Line(), Line()]) for number in range(1, 4)))
    query = select(Order).join(Order.lines).order_by(Order.id, Line.id).limit(3)
    async with AsyncSession(engine) as session:
        page = (await session.scalars(query.options(contains_eager(Order.lines)))).unique().all()
        assert [len(order.lines) for order in page] == [2, 1]


async def claim_negative(engine: AsyncEngine) -> None:
    """The database refuses `limit(-1)`."""
    await store(engine, Order(id=1), Order(id=2))
    async with engine.connect() as connection:
        error, found = None, 0
        try:
            found = len((await connection.scalars(select(Order.id).limit(-1))).all())
        except DBAPIError as raised:
            error = raised
        assert error is not None, f"it returned {'all' if found == 2 else found} rows"


async def claim_too_large(engine: AsyncEngine) -> None:
    """`offset(2**63)` raises an error in the driver or in the database."""
    error: Exception | None = None
    async with engine.connect() as connection:
        try:
            await connection.scalars(select(Order.id).limit(2).offset(2**63))
        except (DBAPIError, OverflowError) as raised:
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
