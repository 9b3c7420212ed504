# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no roles)
import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

MAY_CREATE = "SELECT has_schema_privilege('parcel_app', 'public', 'CREATE')"
CREATE = "CREATE TABLE parcels (id integer)"


@asynccontextmanager
async def role(engine: AsyncEngine, *statements: str) -> AsyncIterator[AsyncConnection]:
    """A superuser's connection that commits nothing; the role is there, and may not create tables in `public`."""
    async with engine.connect() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS parcels"))
        await connection.execute(text("CREATE ROLE parcel_app"))
        await connection.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))
        await connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
        for statement in statements:
            await connection.execute(text(statement))
        yield connection


async def message(connection: AsyncConnection, statement: str) -> str:
    """What PostgreSQL says to the role."""
    savepoint = await connection.begin_nested()
    await connection.execute(text("SET LOCAL ROLE parcel_app"))
    try:
        await connection.execute(text(statement))
    except DBAPIError as error:
        await savepoint.rollback()
        return str(error.orig)
    await connection.execute(text("RESET ROLE"))
    return "works"


async def claim_grant_on_database(engine: AsyncEngine) -> None:
    """`GRANT ALL ON DATABASE` does not help: the role still may not create a table in `public`."""
    async with role(engine) as connection:
        name = await connection.scalar(text("SELECT quote_ident(current_database())"))
        await connection.execute(text(f"GRANT ALL ON DATABASE {name} TO parcel_app"))
        assert "permission denied for schema public" in await message(connection, CREATE)


async def claim_usage(engine: AsyncEngine) -> None:
    """A role without `USAGE` on `public` gets another message: `no schema has been selected to create in`."""
    async with role(engine, "REVOKE USAGE ON SCHEMA public FROM PUBLIC") as connection:
        assert "no schema has been selected to create in" in await message(connection, CREATE)


async def claim_table(engine: AsyncEngine) -> None:
    """`permission denied for table parcels` is another error: the role sees the table, and has no `SELECT` on it."""
    async with role(engine, CREATE) as connection:
        assert "permission denied for table parcels" in await message(connection, "SELECT * FROM parcels")
        await connection.execute(text("GRANT SELECT ON parcels TO parcel_app"))
        assert await message(connection, "SELECT * FROM parcels") == "works"


async def claim_other_schema(engine: AsyncEngine) -> None:
    """A query on a table in the schema `parcel_shop`, without `USAGE` on it, says `permission denied for schema parcel_shop`."""
    made = ("CREATE SCHEMA parcel_shop", "CREATE TABLE parcel_shop.parcels ()", "GRANT SELECT ON parcel_shop.parcels TO parcel_app")
    async with role(engine, *made) as connection:
        query = "SELECT * FROM parcel_shop.parcels"
        assert "permission denied for schema parcel_shop" in await message(connection, query)
        await connection.execute(text("GRANT USAGE ON SCHEMA parcel_shop TO parcel_app"))
        assert await message(connection, query) == "works"


async def claim_own_schema(engine: AsyncEngine) -> None:
    """In a schema of its own, made with `CREATE SCHEMA … AUTHORIZATION`, the role may create tables."""
    async with role(engine, "CREATE SCHEMA parcel_shop AUTHORIZATION parcel_app") as connection:
        assert await message(connection, "CREATE TABLE parcel_shop.parcels (id integer)") == "works"


async def claim_ask(engine: AsyncEngine) -> None:
    """`has_schema_privilege('parcel_app', 'public', 'CREATE')` says whether the role may create tables there."""
    async with role(engine) as connection:
        assert await connection.scalar(text(MAY_CREATE)) is False
        await connection.execute(text("GRANT CREATE ON SCHEMA public TO parcel_app"))
        assert await connection.scalar(text(MAY_CREATE)) is True


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
