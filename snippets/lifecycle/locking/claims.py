# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks, and SQLAlchemy leaves FOR UPDATE out)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    product: Mapped[Product] = relationship()


async def one_order(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        session.add(Order(id=1, product=Product(id=1, stock=2)))
        await session.commit()


async def set_stock(engine: AsyncEngine, stock: int) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(Product).values(stock=stock))


async def locked(engine: AsyncEngine, model: type[Base]) -> bool:
    async with AsyncSession(engine) as other:
        free = await other.scalars(select(model).with_for_update(skip_locked=True))
        return free.all() == []


async def code_of(awaitable: Awaitable[object]) -> str | None:
    try:
        await awaitable
    except DBAPIError as raised:
        return str(getattr(raised.orig, "sqlstate", None))
    return None


async def claim_object_in_the_session(engine: AsyncEngine) -> None:
    """If the session has the object with loaded values, `select(…).with_for_update()` locks the row and leaves those
    values as they are. `populate_existing=True` reads the new ones."""
    await one_order(engine)
    async with AsyncSession(engine) as session:
        product = await session.get_one(Product, 1)
        await set_stock(engine, 1)
        query = select(Product).with_for_update()
        assert (await session.scalars(query)).one() is product
        assert await locked(engine, Product)
        assert product.stock == 2
        await session.scalars(query.execution_options(populate_existing=True))
        assert product.stock == 1


async def claim_get_and_refresh(engine: AsyncEngine) -> None:
    """So does `session.get(…, with_for_update=True)`, unless it has `populate_existing=True`.
    `session.refresh(…, with_for_update=True)` locks the row and reads the new values."""
    await one_order(engine)
    async with AsyncSession(engine) as session:
        product = await session.get_one(Product, 1)
        await set_stock(engine, 1)
        await session.get(Product, 1, with_for_update=True)
        assert await locked(engine, Product)
        assert product.stock == 2
        await session.get(Product, 1, with_for_update=True, populate_existing=True)
        assert product.stock == 1
        await session.commit()
        await session.refresh(product)
        await set_stock(engine, 0)
        assert product.stock == 1
        await session.refresh(product, with_for_update=True)
        assert await locked(engine, Product)
        assert product.stock == 0


async def claim_repeatable_read(engine: AsyncEngine) -> None:
    """At `REPEATABLE READ`, `with_for_update()` on a row that was changed since your first query raises `40001`,
    instead of reading it anew."""
    await one_order(engine)
    async with AsyncSession(engine) as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await session.get(Product, 1)
        await set_stock(engine, 1)
        assert await code_of(session.scalars(select(Product).with_for_update())) == "40001"


async def claim_update_waits_too(engine: AsyncEngine) -> None:
    """An `UPDATE` waits for the same lock, and gives up after the same `lock_timeout`."""
    await one_order(engine)
    async with AsyncSession(engine) as session, AsyncSession(engine) as other:
        await session.scalars(select(Product).with_for_update())
        assert await other.scalar(text("SHOW lock_timeout")) == "0"
        await other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        assert await code_of(other.execute(update(Product).values(stock=0))) == "55P03"


async def claim_outer_join(engine: AsyncEngine) -> None:
    """This is so for a foreign key that cannot be null, too: `joinedload` without `innerjoin=True` is refused under
    `with_for_update()`, and allowed with `of`."""
    query = select(Order).options(joinedload(Order.product))
    async with AsyncSession(engine) as session:
        assert await code_of(session.scalars(query.with_for_update(of=Order))) is None
        assert await code_of(session.scalars(query.with_for_update())) == "0A000"


async def claim_of(engine: AsyncEngine) -> None:
    """With `of`, a query with a join locks only the rows of that class; without it, those of the joined table, too."""
    await one_order(engine)
    query = select(Order).options(joinedload(Order.product, innerjoin=True))
    async with AsyncSession(engine) as session:
        await session.scalars(query.with_for_update(of=Order))
        assert await locked(engine, Order)
        assert not await locked(engine, Product)
        await session.rollback()
        await session.scalars(query.with_for_update())
        assert await locked(engine, Product)


async def claim_sqlite(engine: AsyncEngine) -> None:
    """`nowait`, `skip_locked` and `of` are left out with it."""
    query = select(Product).with_for_update(nowait=True, skip_locked=True, of=Product)
    assert "FOR UPDATE OF products NOWAIT" in str(query.compile(dialect=engine.dialect))
    assert str(query.compile(dialect=sqlite.dialect())) == str(select(Product))


async def claim_until_the_end(engine: AsyncEngine) -> None:
    """The lock outlives the function that took it. A `commit()`, a `rollback()` and the end of the session's
    `async with` block each release it."""
    await one_order(engine)

    async def lock(session: AsyncSession) -> None:
        await session.scalars(select(Product).with_for_update())

    async with AsyncSession(engine) as session:
        await lock(session)
        assert await locked(engine, Product)
        await session.commit()
        assert not await locked(engine, Product)
        await lock(session)
        await session.rollback()
        assert not await locked(engine, Product)
        await lock(session)
        assert await locked(engine, Product)
    assert not await locked(engine, Product)


async def claim_released(engine: AsyncEngine) -> None:
    """A lock that was taken inside a savepoint is released when that savepoint is rolled back."""
    await one_order(engine)
    async with AsyncSession(engine) as session:
        await session.begin()
        savepoint = await session.begin_nested()
        await session.scalars(select(Product).with_for_update())
        assert await locked(engine, Product)
        await savepoint.rollback()
        assert not await locked(engine, Product)


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
