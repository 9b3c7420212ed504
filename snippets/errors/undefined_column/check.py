# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    nickname: Mapped[str | None]


# --8<-- [start:missing]
def missing(connection: Connection) -> list[str]:
    inspector, found = inspect(connection), []
    for table in Base.metadata.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name, schema=table.schema)}
        found += [str(column) for column in table.columns if column.name not in there]
    return found


# --8<-- [end:missing]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS users"))
            await connection.execute(text("CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR)"))
        # --8<-- [start:check]
        async with engine.connect() as connection:
            print("missing:", await connection.run_sync(missing))
            #> missing: ['users.nickname']
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
