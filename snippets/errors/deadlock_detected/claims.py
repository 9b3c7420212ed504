# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite locks the whole file, so that two cannot wait for each other)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ForeignKey, Select, event, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


class Sale(Base):
    __tablename__ = "sales"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))


async def add_products(engine: AsyncEngine, *product_ids: int) -> None:
    """One INSERT after the other, so that the table has them in this order."""
    async with AsyncSession(engine) as session:
        for product_id in product_ids:
            session.add(Product(id=product_id, stock=10))
            await session.flush()
        await session.commit()


async def wait_until_blocked(engine: AsyncEngine) -> None:
    """Until one backend waits for another one's row."""
    blocked = text(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
        "WHERE NOT granted AND locktype = 'transactionid' AND datname = current_database()"
    )
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(blocked):
            await asyncio.sleep(0.02)


async def locked_while_it_waits(engine: AsyncEngine, query: Select[Any]) -> list[int]:
    """Which rows has a query locked that waits for row 1?"""
    async with AsyncSession(engine) as first, AsyncSession(engine) as second:
        await first.execute(select(Product).where(Product.id == 1).with_for_update())
        waiting = asyncio.create_task(second.execute(query))
        await wait_until_blocked(engine)
        free = await first.scalars(select(Product.id).with_for_update(skip_locked=True))
        locked = {2, 3} - set(free)
        await first.commit()
        await waiting
    return sorted(locked)


async def claim_order_by(engine: AsyncEngine) -> None:
    """`order_by(Product.id).with_for_update()` locks the rows in that order. Without `order_by`, they are locked in the order in which PostgreSQL finds them."""
    await add_products(engine, 3, 2, 1)
    query = select(Product).where(Product.id.in_([1, 2, 3])).with_for_update()
    assert await locked_while_it_waits(engine, query.order_by(Product.id)) == []
    assert await locked_while_it_waits(engine, query) == [2, 3]


async def two_bulk_inserts(engine: AsyncEngine, first: list[int], second: list[int]) -> list[str]:
    """Both have their first row before either goes on: how do they end?"""

    async def put(session: AsyncSession, product_ids: list[int]) -> None:
        rows = [{"id": product_id, "stock": 1} for product_id in product_ids]
        await session.execute(insert(Product).values(rows).on_conflict_do_nothing())

    async def rest(session: AsyncSession, product_ids: list[int]) -> str:
        try:
            await put(session, product_ids)
            await session.commit()
        except DBAPIError as error:
            await session.rollback()
            return getattr(error.orig, "sqlstate", "")
        return "done"

    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        await put(one, first[:1])
        waiting = asyncio.create_task(rest(two, second))
        await wait_until_blocked(engine)
        return sorted([await rest(one, first[1:]), await waiting])


async def claim_on_conflict(engine: AsyncEngine) -> None:
    """`INSERT … ON CONFLICT` of many rows locks in the order of its list: two lists in a different order end in a deadlock, two sorted lists do not."""
    assert sorted(await two_bulk_inserts(engine, [1, 2], [2, 1])) == ["40P01", "done"]
    assert await two_bulk_inserts(engine, [3, 4], [3, 4]) == ["done", "done"]


async def claim_flush(engine: AsyncEngine) -> None:
    """One flush of a model without relationships sends its UPDATEs sorted by primary key, and so its DELETEs, not in the order in which the objects were changed."""
    await add_products(engine, 1, 2, 3)
    sent: list[Any] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        batch = parameters if isinstance(parameters, list) else [parameters]
        if not statement.startswith("SELECT"):
            sent.extend((list(row.values()) if isinstance(row, dict) else row)[-1] for row in batch)

    async with AsyncSession(engine) as session:
        products = {product.id: product for product in await session.scalars(select(Product))}
        for product_id in (3, 1, 2):
            products[product_id].stock = 5 + product_id
        await session.flush()
        assert sent == [1, 2, 3]
        sent.clear()
        for product_id in (3, 1, 2):
            await session.delete(products[product_id])
        await session.flush()
        assert sent == [1, 2, 3]
        await session.rollback()


async def victim(engine: AsyncEngine, *, in_a_savepoint: bool) -> list[int]:
    """The transaction that PostgreSQL ends goes on after its deadlock: what is stored?"""
    take = update(Product).values(stock=Product.stock - 1)
    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        await two.execute(text("SET LOCAL deadlock_timeout = '1h'"))  # So it is `one` that is ended.
        await one.execute(take.where(Product.id == 1))
        await two.execute(take.where(Product.id == 2))
        other = asyncio.create_task(two.execute(take.where(Product.id == 1)))
        await wait_until_blocked(engine)
        try:
            if in_a_savepoint:
                async with one.begin_nested():
                    await one.execute(take.where(Product.id == 2))
            else:
                await one.execute(take.where(Product.id == 2))
        except DBAPIError:
            await (one.commit() if in_a_savepoint else one.rollback())
        await other
        await two.commit()
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(Product.stock).order_by(Product.id)))


async def lock_and_take(session: AsyncSession, lock: Select[Any]) -> str:
    try:
        await session.execute(lock)
        await session.execute(update(Product).values(stock=Product.stock - 1))
        await session.commit()
    except DBAPIError as error:
        await session.rollback()
        return getattr(error.orig, "sqlstate", "")
    return "done"


async def both_lock_and_take(engine: AsyncEngine, lock: Select[Any]) -> list[str]:
    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        await one.execute(lock)
        waiting = asyncio.create_task(lock_and_take(two, lock))
        await wait_until_blocked(engine)
        return sorted([await lock_and_take(one, lock), await waiting])


async def claim_for_share(engine: AsyncEngine) -> None:
    """Two transactions that lock one row with `with_for_update(read=True)`, and then update it, end in a deadlock; with `with_for_update()` they do not."""
    await add_products(engine, 1)
    row = select(Product.id).where(Product.id == 1)
    assert await both_lock_and_take(engine, row.with_for_update(read=True)) == ["40P01", "done"]
    assert await both_lock_and_take(engine, row.with_for_update()) == ["done", "done"]


async def both_insert_and_take(engine: AsyncEngine, lock: Select[Any]) -> list[str]:
    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        for session in (one, two):
            session.add(Sale(product_id=1))
            await session.flush()
        return sorted(await asyncio.gather(lock_and_take(one, lock), lock_and_take(two, lock)))


async def claim_child(engine: AsyncEngine) -> None:
    """Two transactions that insert a row with a foreign key to one product, and then lock it with `with_for_update()`, end in a deadlock; with `with_for_update(key_share=True)` they do not."""
    await add_products(engine, 1)
    row = select(Product.id).where(Product.id == 1)
    assert await both_insert_and_take(engine, row.with_for_update()) == ["40P01", "done"]
    assert await both_insert_and_take(engine, row.with_for_update(key_share=True)) == ["done", "done"]


async def claim_savepoint(engine: AsyncEngine) -> None:
    """PostgreSQL rolls back the victim's transaction as a whole, or, if the statement was inside a savepoint, only the savepoint: the rest can be committed."""
    await add_products(engine, 1, 2)
    assert await victim(engine, in_a_savepoint=False) == [9, 9]
    assert await victim(engine, in_a_savepoint=True) == [7, 8]


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

