# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: some of its statements have 1,000 rows
import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, event, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]


# --8<-- [start:reads]
async def objects(session: AsyncSession) -> int:
    return len((await session.scalars(select(Product))).all())


async def columns(session: AsyncSession) -> int:
    return len((await session.execute(select(Product.id, Product.price))).all())


async def total(session: AsyncSession) -> int:
    return len((await session.execute(select(func.sum(Product.price)))).all())


# --8<-- [end:reads]


# --8<-- [start:updates]
async def each_object(session: AsyncSession) -> int:
    products = (await session.scalars(select(Product))).all()
    for product in products:
        product.price += 1
    await session.flush()
    return len(products)


async def list_of_dicts(session: AsyncSession) -> int:
    rows = (await session.execute(select(Product.id, Product.price))).all()
    changes = [{"id": row.id, "price": row.price + 1} for row in rows]
    await session.execute(update(Product), changes)
    return len(rows)


async def one_update(session: AsyncSession) -> int:
    await session.execute(update(Product).values(price=Product.price + 1))
    return 0


# --8<-- [end:updates]

WAYS: dict[str, Callable[[AsyncSession], Awaitable[int]]] = {
    "`select(Product)`": objects,
    "`select(Product.id, Product.price)`": columns,
    "`select(func.sum(Product.price))`": total,
    "change each object, flush": each_object,
    "`select()` of columns, `update(Product)` with a list": list_of_dicts,
    "`update(Product).values(price=Product.price + 1)`": one_update,
}
sent: list[str] = []
loaded: list[Any] = []
event.listen(Product, "load", lambda product, context: loaded.append(product))


async def row(engine: AsyncEngine, name: str) -> str:
    async with AsyncSession(engine) as session:
        before = await session.scalar(select(func.sum(Product.price))) or 0
        sent.clear()
        loaded.clear()
        read = await WAYS[name](session)
        counts = f"{name} | {len(sent)} | {read:,} | {len(loaded):,}"
        after = await session.scalar(select(func.sum(Product.price))) or 0
        writes = WAYS[name] in (each_object, list_of_dicts, one_update)
        assert after - before == (1000 if writes else 0)
        return counts


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)

    def listen(_: Connection, __: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(insert(Product), [{"price": number} for number in range(1000)])
        # --8<-- [start:table]
        print("1,000 products | statements | rows read | objects built")
        #> 1,000 products | statements | rows read | objects built
        for name in WAYS:
            print(await row(engine, name))
            #> `select(Product)` | 1 | 1,000 | 1,000
            #> `select(Product.id, Product.price)` | 1 | 1,000 | 0
            #> `select(func.sum(Product.price))` | 1 | 1 | 0
            #> change each object, flush | 2 | 1,000 | 1,000
            #> `select()` of columns, `update(Product)` with a list | 2 | 1,000 | 0
            #> `update(Product).values(price=Product.price + 1)` | 1 | 0 | 0
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
