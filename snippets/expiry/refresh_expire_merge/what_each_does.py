# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]


fresh_rows = select(Product).execution_options(populate_existing=True)

CALLS: dict[str, Callable[[AsyncSession, Product], Coroutine[Any, Any, Any] | None]] = {
    "refresh(product)": lambda session, product: session.refresh(product),
    'refresh(product, ["name"])': lambda session, product: session.refresh(product, ["name"]),
    'refresh(product, ["price"])': lambda session, product: session.refresh(product, ["price"]),
    "expire(product)": lambda session, product: session.expire(product),
    'expire(product, ["name"])': lambda session, product: session.expire(product, ["name"]),
    'expire(product, ["price"])': lambda session, product: session.expire(product, ["price"]),
    "expire_all()": lambda session, product: session.expire_all(),
    "expunge(product)": lambda session, product: session.expunge(product),
    "get(..., populate_existing=True)": lambda session, product: session.get(
        Product, 1, populate_existing=True
    ),
    "select(), populate_existing": lambda session, product: session.scalars(fresh_rows),
    "rollback()": lambda session, product: session.rollback(),
}


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession], sent: list[str]) -> None:
    print("call | SQL it sends | expired afterwards | the unsaved price")
    #> call | SQL it sends | expired afterwards | the unsaved price
    for name, call in CALLS.items():
        async with session_factory() as session:
            product = await session.get_one(Product, 1)
            product.price += 5
            unsaved = product.price
            sent.clear()
            if (awaitable := call(session, product)) is not None:
                await awaitable
            sql = ", ".join(sent) or "none"
            expired = ", ".join(sorted(inspect(product).expired_attributes)) or "nothing"
            await session.commit()
            stored = await session.scalar(select(Product.price))
        outcome = "saved" if stored == unsaved else "lost"
        print(f"{name} | {sql} | {expired} | {outcome}")
        #> refresh(product) | SELECT | nothing | lost
        #> refresh(product, ["name"]) | UPDATE, SELECT | nothing | saved
        #> refresh(product, ["price"]) | SELECT | nothing | lost
        #> expire(product) | none | id, name, price | lost
        #> expire(product, ["name"]) | none | name | saved
        #> expire(product, ["price"]) | none | price | lost
        #> expire_all() | none | id, name, price | lost
        #> expunge(product) | none | nothing | lost
        #> get(..., populate_existing=True) | UPDATE, SELECT | nothing | saved
        #> select(), populate_existing | UPDATE, SELECT | nothing | saved
        #> rollback() | none | id, name, price | lost


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    sent: list[str] = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement.split()[0])

    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Product(id=1, name="Kettle", price=40))
        await compare(session_factory, sent)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
