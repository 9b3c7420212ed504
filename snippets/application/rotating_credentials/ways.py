# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.16", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no passwords)
# needs: server
import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import asyncpg
import psycopg
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
ADMIN = make_url(DATABASE_URL).set(database="postgres")


async def administer(*statements: str, restart: bool = False) -> None:
    engine = create_async_engine(ADMIN, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        folder = await connection.scalar(text("SHOW data_directory"))
        me = await connection.scalar(text("SELECT quote_ident(current_user)"))
        for statement in statements:
            filled = statement.format(file=f"{folder}/shop_hba.conf", me=me)
            await connection.execute(text(filled))
    await engine.dispose()
    if restart:
        command = os.environ["RESTART_POSTGRES"]
        await asyncio.to_thread(subprocess.run, command, shell=True, check=True)


# "app" has to show a password.
RULES = "VALUES ('local all {me} trust'), ('local all app scram-sha-256')"
SET_UP = (
    "CREATE ROLE app LOGIN PASSWORD 'token-1'",
    f"COPY ({RULES}) TO '{{file}}'",
    "ALTER SYSTEM SET hba_file = '{file}'",
)
TEAR_DOWN = "ALTER SYSTEM RESET hba_file", "DROP ROLE app"
WORKS = text("SELECT 'works'")
URL = ADMIN.set(username="app")


class Tokens:
    current = "token-1"


# --8<-- [start:ways]
async def fetch_token() -> str:
    await asyncio.sleep(0)  # Your provider's HTTP interface, for example.
    return Tokens.current


def in_the_url() -> AsyncEngine:
    return create_async_engine(URL.set(password=Tokens.current))


def with_do_connect() -> AsyncEngine:
    engine = create_async_engine(URL)

    @event.listens_for(engine.sync_engine, "do_connect")
    def give_password(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        parameters["password"] = Tokens.current

    return engine


def with_async_creator() -> AsyncEngine:
    async def connect() -> Any:
        url = URL.set(drivername="postgresql", password=await fetch_token())
        address = url.render_as_string(hide_password=False)
        if URL.get_driver_name() == "asyncpg":
            return await asyncpg.connect(address)
        return await psycopg.AsyncConnection.connect(address)

    return create_async_engine(URL, async_creator=connect)


# --8<-- [end:ways]


# --8<-- [start:attempt]
CHANGE = "ALTER ROLE app PASSWORD 'token-2'"
EXPIRE = "ALTER ROLE app VALID UNTIL '2000-01-01'"


async def attempt(make_engine: Callable[[], AsyncEngine], change: str = CHANGE) -> str:
    Tokens.current = "token-1"
    await administer("ALTER ROLE app PASSWORD 'token-1' VALID UNTIL 'infinity'")
    engine = make_engine()
    try:
        async with engine.connect() as one:
            Tokens.current = "token-2"
            await administer(change)
            opened = await one.scalar(WORKS)
            try:
                async with engine.connect() as two:
                    return f"{opened} | {await two.scalar(WORKS)}"
            except (DBAPIError, asyncpg.PostgresError):
                return f"{opened} | refused"
    finally:
        await engine.dispose()


# --8<-- [end:attempt]


async def main() -> None:
    await administer(*SET_UP, restart=True)
    try:
        # --8<-- [start:table]
        print("the password is given | the open connection | a new connection")
        #> the password is given | the open connection | a new connection
        print("in the URL |", await attempt(in_the_url))
        #> in the URL | works | refused
        print("in the URL, and it expires |", await attempt(in_the_url, EXPIRE))
        #> in the URL, and it expires | works | refused
        print("by `do_connect` |", await attempt(with_do_connect))
        #> by `do_connect` | works | works
        print("by `async_creator` |", await attempt(with_async_creator))
        #> by `async_creator` | works | works
        # --8<-- [end:table]
    finally:
        await administer(*TEAR_DOWN, restart=True)


if __name__ == "__main__":
    asyncio.run(main())
