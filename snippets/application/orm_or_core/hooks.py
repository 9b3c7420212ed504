# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

called: set[str] = set()


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str | None] = mapped_column()
    version: Mapped[int | None] = mapped_column()
    price: Mapped[int]
    stock: Mapped[int | None] = mapped_column(default=7)

    __mapper_args__ = {"polymorphic_on": kind, "version_id_col": version}

    @validates("price")
    def check_price(self, key: str, price: int) -> int:
        called.add("@validates")
        return price


class Book(Product):
    __mapper_args__ = {"polymorphic_identity": "book"}


@event.listens_for(Book, "before_insert")
def before_insert(mapper: Any, connection: Any, book: Book) -> None:
    called.add("before_insert")


# --8<-- [end:model]

# --8<-- [start:ways]
async def add(session: AsyncSession) -> None:
    session.add(Book(price=5))
    await session.flush()


async def insert_list(session: AsyncSession) -> None:
    await session.execute(insert(Book), [{"price": 5}])


async def insert_values(session: AsyncSession) -> None:
    await session.execute(insert(Book).values(price=5))


async def on_connection(session: AsyncSession) -> None:
    connection = await session.connection()
    await connection.execute(insert(Book), [{"price": 5}])


# --8<-- [end:ways]

WAYS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "`session.add()`, flush": add,
    "session: `insert(Book)`, a list": insert_list,
    "session: `insert(Book).values()`": insert_values,
    "connection: `insert(Book)`, a list": on_connection,
}


async def row(engine: AsyncEngine, name: str) -> str:
    async with AsyncSession(engine) as session:
        called.clear()
        await WAYS[name](session)
        hooks = [hook in called for hook in ("@validates", "before_insert")]
        stored = (await session.execute(select(Product.__table__))).one()
        columns = [stored.stock == 7, stored.version == 1, stored.kind == "book"]
        assert stored.price == 5
        yes = ["yes" if done else "**no**" for done in [*columns, *hooks]]
        return " | ".join([name, *yes])


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:table]
        print("insert | `default=` | version | `kind` | validator | event")
        #> insert | `default=` | version | `kind` | validator | event
        for name in WAYS:
            print(await row(engine, name))
            #> `session.add()`, flush | yes | yes | yes | yes | yes
            #> session: `insert(Book)`, a list | yes | yes | yes | **no** | **no**
            #> session: `insert(Book).values()` | yes | **no** | **no** | **no** | **no**
            #> connection: `insert(Book)`, a list | yes | **no** | **no** | **no** | **no**
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
