# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.16", "asyncpg"]
# ///
# drivers: asyncpg (the other two take no function as a password)
# needs: server
import asyncio
import os
import subprocess
import sys

from sqlalchemy import make_url, text
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


class Tokens:
    """Takes the place of your provider: it hands out a token, and after a while another one."""

    current = "token-1"


# --8<-- [start:engine]
async def fetch_token() -> str:
    await asyncio.sleep(0)  # Your provider's HTTP interface, for example.
    return Tokens.current


def make_engine() -> AsyncEngine:
    return create_async_engine(ADMIN.set(username="app"), connect_args={"password": fetch_token})


# --8<-- [end:engine]


async def rotate() -> None:
    Tokens.current = "token-2"
    await administer(f"ALTER ROLE app PASSWORD '{Tokens.current}'")


async def main() -> None:
    await administer(*SET_UP, restart=True)
    engine = make_engine()
    try:
        # --8<-- [start:use]
        async with engine.connect() as one:
            await rotate()
            print("the open connection:", await one.scalar(text("SELECT current_user")))
            #> the open connection: app
            async with engine.connect() as two:
                print("a new connection:", await two.scalar(text("SELECT current_user")))
                #> a new connection: app
        # --8<-- [end:use]
    finally:
        await engine.dispose()
        await administer(*TEAR_DOWN, restart=True)


if __name__ == "__main__":
    asyncio.run(main())
