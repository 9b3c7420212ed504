# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import event, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, ORMExecuteState, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]


engine = create_async_engine(DATABASE_URL)
events: list[str] = []


@event.listens_for(Session, "do_orm_execute")
def do_orm_execute(state: ORMExecuteState) -> None:
    events.append("do_orm_execute")


# --8<-- [start:ways]
products = Base.metadata.tables["products"]


async def of_the_class(session: AsyncSession) -> None:
    await session.execute(update(Product).values(price=9))


async def of_the_table(session: AsyncSession) -> None:
    await session.execute(update(products).values(price=9))


async def as_text(session: AsyncSession) -> None:
    await session.execute(text("UPDATE products SET price = 9"))


async def on_its_connection(session: AsyncSession) -> None:
    connection = await session.connection()
    await connection.execute(update(Product).values(price=9))


async def on_another_connection(session: AsyncSession) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(Product).values(price=9))


# --8<-- [end:ways]

WAYS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "`session.execute(update(Product))`": of_the_class,
    "`session.execute(update(products))`": of_the_table,
    "`session.execute(text())`": as_text,
    "`session.connection()`": on_its_connection,
    "`engine.begin()`": on_another_connection,
}


async def row(name: str) -> str:
    async with AsyncSession(engine) as session:
        product = Product(price=3)
        session.add(product)
        await session.commit()
        await session.refresh(product)
        session.add(Product(price=3))
        events.clear()
        await WAYS[name](session)
        heard = bool(events)
        flushed = not session.new
        new = product.__dict__["price"] == 9
        await session.rollback()
        undone = set(await session.scalars(select(Product.price))) == {3}
        await session.delete(product)
        await session.commit()
    return " | ".join([name, *("yes" if fact else "**no**" for fact in (flushed, heard, new, undone))])


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:table]
        print("statement | the session flushes first | event | the loaded object has the new value | a rollback undoes it")
        """
        statement | the session flushes first | event | the loaded object has the new value | a rollback undoes it
        """
        for name in WAYS:
            print(await row(name))
            #> `session.execute(update(Product))` | yes | yes | yes | yes
            #> `session.execute(update(products))` | yes | yes | **no** | yes
            #> `session.execute(text())` | yes | yes | **no** | yes
            #> `session.connection()` | **no** | **no** | **no** | yes
            #> `engine.begin()` | **no** | **no** | **no** | **no**
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
