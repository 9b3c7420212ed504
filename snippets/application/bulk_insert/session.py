# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    edited_by: Mapped[str] = mapped_column(default="nobody", onupdate="worker")


# --8<-- [end:model]


async def attribute(session: AsyncSession, product: Product) -> None:
    product.price = 9
    await session.flush()


async def by_key(session: AsyncSession, product: Product) -> None:
    await session.execute(update(Product), [{"id": product.id, "price": 9}])


async def where(session: AsyncSession, product: Product) -> None:
    await session.execute(update(Product).where(Product.price == 3).values(price=9))


async def where_unsynchronized(session: AsyncSession, product: Product) -> None:
    statement = update(Product).where(Product.price == 3).values(price=9)
    await session.execute(statement, execution_options={"synchronize_session": False})


async def core(session: AsyncSession, product: Product) -> None:
    connection = await session.connection()
    await connection.execute(update(Product).values(price=9))


async def as_text(session: AsyncSession, product: Product) -> None:
    await session.execute(text("UPDATE products SET price = 9"))


WAYS: dict[str, Callable[[AsyncSession, Product], Awaitable[None]]] = {
    "`product.price = 9`, flush": attribute,
    "`update(Product)`, a list of dicts": by_key,
    "`update(Product).where(…)`": where,
    "the same, `synchronize_session=False`": where_unsynchronized,
    "`connection.execute(update(Product))`": core,
    '`text("UPDATE …")`': as_text,
}


async def row(engine: AsyncEngine, name: str) -> str:
    async with AsyncSession(engine) as session:
        product = Product(price=3)
        session.add(product)
        await session.flush()
        await session.refresh(product)
        await WAYS[name](session, product)
        stored = select(Product.price, Product.edited_by).where(Product.id == product.id)
        price, edited_by = (await session.execute(stored)).one()
        loaded = product.__dict__
        seen = ["**old**" if loaded[key] in (3, "nobody") else "new" for key in ("price", "edited_by")]
        assert price == 9
        fired = {"worker": "applied", "nobody": "**not applied**"}[edited_by]
        return " | ".join([name, fired, *seen])


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:table]
        print("statement | `onupdate` | `price` of the loaded object | its `edited_by`")
        #> statement | `onupdate` | `price` of the loaded object | its `edited_by`
        for name in WAYS:
            print(await row(engine, name))
            #> `product.price = 9`, flush | applied | new | new
            #> `update(Product)`, a list of dicts | applied | new | **old**
            #> `update(Product).where(…)` | applied | new | new
            #> the same, `synchronize_session=False` | applied | **old** | **old**
            #> `connection.execute(update(Product))` | applied | **old** | **old**
            #> `text("UPDATE …")` | **not applied** | **old** | **old**
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
