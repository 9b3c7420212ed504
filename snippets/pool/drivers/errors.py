# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (it opens both PostgreSQL drivers itself, to set them side by side)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:wrongs]
WRONGS = {
    "duplicate key": "INSERT INTO users VALUES (1)",
    "null": "INSERT INTO users VALUES (NULL)",
    "no such table": "SELECT * FROM nothing",
    "division by zero": "SELECT 1 / 0",
    "number too large": "SELECT 99999999999::int",
    "statement timeout": "SELECT pg_sleep(10)",
    "lock not available": "SELECT * FROM users FOR UPDATE NOWAIT",
    "killed": "SELECT pg_terminate_backend(pg_backend_pid())",
}
# --8<-- [end:wrongs]


async def caught(connection: AsyncConnection, statement: str) -> tuple[str, str, str]:
    try:
        await connection.execute(text("SET LOCAL statement_timeout = '100ms'"))
        await connection.execute(text(statement))
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or "-"
        return type(error).__name__, type(error.orig).__name__, state
    raise AssertionError(f"nothing wrong with {statement}")


async def main() -> None:
    url = make_url(DATABASE_URL)
    engines = [create_async_engine(url.set(drivername=f"postgresql+{name}")) for name in ("asyncpg", "psycopg")]
    try:
        async with engines[0].begin() as connection:
            await connection.execute(text("DROP TABLE IF EXISTS users"))
            await connection.execute(text("CREATE TABLE users (id int PRIMARY KEY)"))
            await connection.execute(text("INSERT INTO users VALUES (1)"))
        # --8<-- [start:table]
        print("What went wrong | SQLAlchemy with asyncpg | with psycopg | psycopg's .orig | sqlstate")
        #> What went wrong | SQLAlchemy with asyncpg | with psycopg | psycopg's .orig | sqlstate
        async with engines[0].begin() as holder:
            await holder.execute(text("SELECT * FROM users FOR UPDATE"))
            for what, statement in WRONGS.items():
                seen = []
                for engine in engines:
                    async with engine.connect() as connection:
                        seen.append(await caught(connection, statement))
                (asyncpg, _, state), (psycopg, original, other) = seen
                print(f"{what} | {asyncpg} | {psycopg} | {original} | {state if state == other else f'{state}, {other}'}")
                #> duplicate key | IntegrityError | IntegrityError | UniqueViolation | 23505
                #> null | IntegrityError | IntegrityError | NotNullViolation | 23502
                #> no such table | ProgrammingError | ProgrammingError | UndefinedTable | 42P01
                #> division by zero | DBAPIError | DataError | DivisionByZero | 22012
                #> number too large | DBAPIError | DataError | NumericValueOutOfRange | 22003
                #> statement timeout | DBAPIError | OperationalError | QueryCanceled | 57014
                #> lock not available | DBAPIError | OperationalError | LockNotAvailable | 55P03
                #> killed | DBAPIError | OperationalError | AdminShutdown | 08003, 57P01
        # --8<-- [end:table]
    finally:
        for engine in engines:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
