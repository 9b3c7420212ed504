# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no COPY)
# unrecorded: some of its statements have 5,000 rows
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, event, insert, select
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
    sku: Mapped[str]
    price: Mapped[int]


ROWS = [{"sku": f"sku-{number}", "price": number} for number in range(5000)]
Ids = list[int] | None


# --8<-- [start:ways]
async def flush_each(session: AsyncSession) -> Ids:
    products = [Product(**row) for row in ROWS]
    for product in products:
        session.add(product)
        await session.flush()
    return [product.id for product in products]


async def add_all(session: AsyncSession) -> Ids:
    products = [Product(**row) for row in ROWS]
    session.add_all(products)
    await session.flush()
    return [product.id for product in products]


async def returning(session: AsyncSession) -> Ids:
    statement = insert(Product).returning(Product.id, sort_by_parameter_order=True)
    return list(await session.scalars(statement, ROWS))


async def insert_list(session: AsyncSession) -> Ids:
    await session.execute(insert(Product), ROWS)
    return None


# --8<-- [end:ways]


async def core(session: AsyncSession) -> Ids:
    connection = await session.connection()
    await connection.execute(insert(Product), ROWS)
    return None


async def values(session: AsyncSession) -> Ids:
    await session.execute(insert(Product).values(ROWS))
    return None


async def copy(session: AsyncSession) -> Ids:
    await session.scalar(select(1))
    raw = await (await session.connection()).get_raw_connection()
    driver: Any = raw.driver_connection
    rows = [tuple(row.values()) for row in ROWS]
    if "asyncpg" in DATABASE_URL:
        await driver.copy_records_to_table("products", records=rows, columns=["sku", "price"])
        return None
    statement = "COPY products (sku, price) FROM STDIN"
    async with driver.cursor() as cursor, cursor.copy(statement) as lines:
        for row in rows:
            await lines.write_row(row)
    return None


WAYS: dict[str, Callable[[AsyncSession], Awaitable[Ids]]] = {
    "`add`, `flush()` each": flush_each,
    "`add_all`": add_all,
    "`session.scalars(insert(Product).returning(…))`, list": returning,
    "`session.execute(insert(Product))`, list": insert_list,
    "`connection.execute(insert(Product))`, list": core,
    "`session.execute(insert(Product).values(list))`": values,
    "`COPY`": copy,
}


async def row(engine: AsyncEngine, name: str) -> str:
    sent: list[str] = []

    def listen(_: Connection, __: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            sent.append(statement)

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    async with AsyncSession(engine) as session, session.begin():
        ids = await WAYS[name](session)
        stored = (await session.execute(select(Product.sku, Product.id))).all()
    event.remove(engine.sync_engine, "before_cursor_execute", listen)
    assert len(stored) == len(ROWS)
    by_sku = {row.sku: row.id for row in stored}
    in_order = ids is not None and ids == [by_sku[str(row["sku"])] for row in ROWS]
    return f"{name} | {len(sent)} | {'in the order of the list' if in_order else '-'}"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:table]
        print("5,000 rows | `INSERT` statements that SQLAlchemy sent | ids")
        #> 5,000 rows | `INSERT` statements that SQLAlchemy sent | ids
        for name in WAYS:
            print(await row(engine, name))
            #> `add`, `flush()` each | 5000 | in the order of the list
            #> `add_all` | 5 | in the order of the list
            #> `session.scalars(insert(Product).returning(…))`, list | 5 | in the order of the list
            #> `session.execute(insert(Product))`, list | 1 | -
            #> `connection.execute(insert(Product))`, list | 1 | -
            #> `session.execute(insert(Product).values(list))` | 1 | -
            #> `COPY` | 0 | -
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
