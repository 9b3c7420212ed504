# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.ProgrammingError
# drivers: asyncpg, psycopg (SQLite says "no such table": see sqlite_no_such_table)
import asyncio
import os
import sys

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
def import_models() -> type[DeclarativeBase]:
    """What `from shop.models import Order` does: it runs the class statement."""

    class Order(Base):
        __tablename__ = "orders"

        id: Mapped[int] = mapped_column(primary_key=True)

    return Order


# --8<-- [end:model]


# --8<-- [start:create]
async def start(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    order = import_models()
    async with async_sessionmaker(engine)() as session:
        print((await session.scalars(select(order))).all())


# --8<-- [end:create]


# --8<-- [start:guard]
def missing(connection: Connection) -> list[str]:
    there = inspect(connection).has_table
    tables = Base.metadata.sorted_tables
    return [table.fullname for table in tables if not there(table.name, schema=table.schema)]


# --8<-- [end:guard]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS orders"))
        await start(engine)
        # --8<-- [start:check]
        async with engine.connect() as connection:
            print("missing:", await connection.run_sync(missing))
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
