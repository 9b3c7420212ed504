# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no replicas)
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import (
    Connection,
    Delete,
    Engine,
    Select,
    Update,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


primary = create_async_engine(DATABASE_URL)
# The replica of this file is another schema, which gets no changes: it is as far behind as can be.
behind = {None: "replica"}
replica = create_async_engine(
    DATABASE_URL, execution_options={"schema_translate_map": behind}
)


class RecipeSession(Session):
    def get_bind(self, mapper: Any = None, *, clause: Any = None, **kw: Any) -> Engine:
        if self._flushing or isinstance(clause, Update | Delete):
            return primary.sync_engine
        return replica.sync_engine


class RoutingSession(Session):
    def get_bind(self, mapper: Any = None, *, clause: Any = None, **kw: Any) -> Engine:
        if self._flushing or not isinstance(clause, Select):
            self.info["primary"] = True
        return primary.sync_engine if "primary" in self.info else replica.sync_engine


async def set_up() -> None:
    async with primary.begin() as connection:
        await connection.execute(text("DROP SCHEMA IF EXISTS replica CASCADE"))
        await connection.execute(text("CREATE SCHEMA replica"))
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text("CREATE TABLE replica.products AS SELECT * FROM products"))


async def add_and_flush(session: AsyncSession) -> None:
    session.add(Product(id=2, name="Pot"))
    await session.flush()


# --8<-- [start:statements]
STATEMENTS: dict[str, Callable[[AsyncSession], Awaitable[object]]] = {
    "select()": lambda session: session.execute(select(Product)),
    "get()": lambda session: session.get(Product, 1),
    "select().with_for_update()": lambda session: session.execute(select(Product).with_for_update()),
    "select(func.pg_notify())": lambda session: session.execute(select(func.pg_notify("products", "1"))),
    "add() and flush()": add_and_flush,
    "insert()": lambda session: session.execute(insert(Product).values(id=3, name="Pan")),
    "update()": lambda session: session.execute(update(Product).values(name="Pan")),
    "delete()": lambda session: session.execute(delete(Product)),
    "text()": lambda session: session.execute(text("UPDATE products SET name = 'Pan'")),
}
# --8<-- [end:statements]


async def where(session_class: type[Session], send: Callable[[AsyncSession], Awaitable[object]]) -> str:
    """The engines on which a new session begins a transaction."""
    begun = []

    def on_primary(connection: Connection) -> None:
        begun.append("primary")

    def on_replica(connection: Connection) -> None:
        begun.append("replica")

    event.listen(primary.sync_engine, "begin", on_primary)
    event.listen(replica.sync_engine, "begin", on_replica)
    try:
        async with AsyncSession(sync_session_class=session_class) as session:
            await send(session)
    finally:
        event.remove(primary.sync_engine, "begin", on_primary)
        event.remove(replica.sync_engine, "begin", on_replica)
    return " and ".join(begun)


async def main() -> None:
    await set_up()
    try:
        # --8<-- [start:table]
        print("Statement | Update, Delete and flush | all but select(), and all after it")
        #> Statement | Update, Delete and flush | all but select(), and all after it
        for name, send in STATEMENTS.items():
            recipe, routing = await where(RecipeSession, send), await where(RoutingSession, send)
            print(f"{name} | {recipe} | {routing}")
            #> select() | replica | replica
            #> get() | replica | replica
            #> select().with_for_update() | replica | replica
            #> select(func.pg_notify()) | replica | replica
            #> add() and flush() | primary | primary
            #> insert() | replica | primary
            #> update() | primary | primary
            #> delete() | primary | primary
            #> text() | replica | primary
        # --8<-- [end:table]
    finally:
        async with primary.begin() as connection:
            await connection.execute(text("DROP SCHEMA replica CASCADE"))
        await primary.dispose()
        await replica.dispose()


if __name__ == "__main__":
    asyncio.run(main())
