# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:codes]
class Code(NamedTuple):
    does: str
    insert: str
    select: str


OLD = Code(
    "uses name",
    "INSERT INTO users (name) VALUES ('Ada')",
    "SELECT name FROM users",
)
BOTH = Code(
    "writes both, reads name",
    "INSERT INTO users (name, full_name) VALUES ('Ada', 'Ada')",
    "SELECT name FROM users",
)
READS_NEW = Code(
    "writes both, reads full_name",
    "INSERT INTO users (name, full_name) VALUES ('Ada', 'Ada')",
    "SELECT full_name FROM users",
)
NEW = Code(
    "uses full_name",
    "INSERT INTO users (full_name) VALUES ('Ada')",
    "SELECT full_name FROM users",
)
# --8<-- [end:codes]


async def together(engine: AsyncEngine, name: str, before: Code, after: Code) -> str:
    """Whether two deployments that run at once can insert, and read each other's rows."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS users"))
        await connection.execute(text(f"CREATE TABLE users (name VARCHAR(50) {name}, full_name VARCHAR(50))"))
    try:
        async with engine.begin() as connection:
            for code in before, after:
                await connection.execute(text(code.insert))
    except IntegrityError:
        return "INSERT fails"
    async with engine.connect() as connection:
        for code in before, after:
            if None in (await connection.scalars(text(code.select))).all():
                return "one reads NULL"
    return "works"


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("running | deployed | `name` is | both at once")
    #> running | deployed | `name` is | both at once
    for before, after, name in (
        (OLD, BOTH, "NOT NULL"),
        (BOTH, READS_NEW, "NOT NULL"),
        (READS_NEW, NEW, "NULL"),
        (OLD, READS_NEW, "NOT NULL"),
        (BOTH, NEW, "NOT NULL"),
        (BOTH, NEW, "NULL"),
        (READS_NEW, NEW, "NOT NULL"),
    ):
        print(before.does, "|", after.does, "|", name, "|", await together(engine, name, before, after))
        #> uses name | writes both, reads name | NOT NULL | works
        #> writes both, reads name | writes both, reads full_name | NOT NULL | works
        #> writes both, reads full_name | uses full_name | NULL | works
        #> uses name | writes both, reads full_name | NOT NULL | one reads NULL
        #> writes both, reads name | uses full_name | NOT NULL | INSERT fails
        #> writes both, reads name | uses full_name | NULL | one reads NULL
        #> writes both, reads full_name | uses full_name | NOT NULL | INSERT fails


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    await compare(engine)
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE users"))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
