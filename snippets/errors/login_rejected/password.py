# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no passwords)
# needs: server
import asyncio
import os
import subprocess
import sys

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL).set(database="postgres")


async def administer(*statements: str) -> None:
    engine = create_async_engine(HERE, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        folder = await connection.scalar(text("SHOW data_directory"))
        me = await connection.scalar(text("SELECT quote_ident(current_user)"))
        for statement in statements:
            filled = statement.format(file=f"{folder}/shop_hba.conf", me=me)
            await connection.execute(text(filled))
    await engine.dispose()
    restart = os.environ["RESTART_POSTGRES"]
    await asyncio.to_thread(subprocess.run, restart, shell=True, check=True)


# --8<-- [start:rules]
# "app" and "ghost" have to show a password. There is no role "ghost", and no rule for "reporting".
RULES = "VALUES ('local all {me} trust'), ('local all app,ghost scram-sha-256')"
SET_UP = (
    "CREATE ROLE app LOGIN PASSWORD 's3cret'",
    "CREATE ROLE reporting LOGIN PASSWORD 's3cret'",
    f"COPY ({RULES}) TO '{{file}}'",
    "ALTER SYSTEM SET hba_file = '{file}'",
)
# --8<-- [end:rules]


async def attempt(url: str | URL) -> str:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return f"connected as {await connection.scalar(text('SELECT current_user'))}"
    except DBAPIError as error:
        return str(error.orig).rpartition("FATAL:")[2].splitlines()[0].strip()
    finally:
        await engine.dispose()


async def main() -> None:
    await administer(*SET_UP)
    try:
        # --8<-- [start:texts]
        url = HERE.set(username="app", password="s3cret")
        print(await attempt(url))
        #> connected as app
        print(await attempt(url.set(password="secret")))
        #> password authentication failed for user "app"
        print(await attempt(str(url)))
        #> password authentication failed for user "app"
        print(await attempt(url.set(username="ghost")))
        #> password authentication failed for user "ghost"
        print(await attempt(url.set(username="reporting")))
        #> no pg_hba.conf entry for host "[local]", user "reporting", database "postgres", no encryption
        # --8<-- [end:texts]
    finally:
        await administer("ALTER SYSTEM RESET hba_file", "DROP ROLE app", "DROP ROLE reporting")


if __name__ == "__main__":
    asyncio.run(main())
