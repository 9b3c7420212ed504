# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no statements prepared on a server)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
TABLE = "CREATE TABLE users (id INTEGER, name VARCHAR(20))"
CHANGE = "ALTER TABLE users ALTER COLUMN name TYPE TEXT"


async def migrate(*statements: str) -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def read(connection: AsyncConnection, times: int = 6, query: str = "SELECT name FROM users") -> str:
    try:
        for _ in range(times):
            await connection.execute(text(query))
    except DBAPIError as error:
        await connection.rollback()
        return type(error).__name__
    await connection.commit()
    return "no error"


async def claim_dispose(engine: AsyncEngine) -> None:
    """`await engine.dispose()` after the migration avoids the error for the connections in this engine's pool. Another engine, such as that of another process, still fails."""
    await migrate("DROP TABLE IF EXISTS users", TABLE)
    other = create_async_engine(DATABASE_URL)
    for each in (engine, other):
        async with each.connect() as connection:
            await read(connection)
    await migrate(CHANGE)
    await engine.dispose()
    async with engine.connect() as connection, other.connect() as undisposed:
        ends = await read(connection), await read(undisposed)
    await other.dispose()
    assert ends == ("no error", "NotSupportedError")


async def claim_all_connections_heal(engine: AsyncEngine) -> None:
    """After one failure, a second connection of the same engine does not fail: it prepares the statement anew."""
    await migrate("DROP TABLE IF EXISTS users", TABLE)
    async with engine.connect() as one, engine.connect() as two:
        await read(one)
        await read(two)
        await migrate(CHANGE)
        assert await read(one) == "NotSupportedError"
        assert await read(one) == "no error"
        said = await read(two)
        assert said == "no error", f"the second connection fails, too: {said}"


async def claim_fewer_executions(engine: AsyncEngine) -> None:
    """A connection that has executed the query five times does not fail."""
    await migrate("DROP TABLE IF EXISTS users", TABLE)
    async with engine.connect() as connection:
        await read(connection, times=5)
        await migrate(CHANGE)
        said = await read(connection)
        assert said == "no error", said


async def claim_other_columns(engine: AsyncEngine) -> None:
    """A query that compares with the changed column and does not return it goes on, here after `VARCHAR(20)` became `TEXT`."""
    await migrate("DROP TABLE IF EXISTS users", TABLE)
    query = "SELECT id FROM users WHERE name = 'Ada'"
    async with engine.connect() as connection:
        await read(connection, query=query)
        await migrate(CHANGE)
        assert await read(connection, query=query) == "no error"


async def claim_same_table_again(engine: AsyncEngine) -> None:
    """After a table was dropped and the same one created again, the query works."""
    await migrate("DROP TABLE IF EXISTS users", TABLE)
    async with engine.connect() as connection:
        await read(connection)
        await migrate("DROP TABLE users", TABLE)
        assert await read(connection) == "no error"


async def claim_enum_again(engine: AsyncEngine) -> None:
    """If a column has an enum type that is dropped and created again together with the table, a query that was prepared before fails."""
    drop = "DROP TABLE IF EXISTS users", "DROP TYPE IF EXISTS mood"
    create = "CREATE TYPE mood AS ENUM ('good')", "CREATE TABLE users (name mood)"
    await migrate(*drop, *create)
    async with engine.connect() as connection:
        await read(connection)
        await migrate(*drop, *create)
        said = await read(connection)
    await migrate(*drop)
    assert said != "no error"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
