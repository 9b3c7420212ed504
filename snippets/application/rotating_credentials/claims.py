# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no passwords)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import psycopg
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
DSN = make_url(DATABASE_URL).set(drivername="postgresql").render_as_string(hide_password=False)
NAME = text("SHOW application_name")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "asyncpg": {"server_settings": {"application_name": "shop"}},
    "psycopg": {"application_name": "shop"},
}


async def name_of(engine: AsyncEngine) -> str | None:
    """The name that the connection has in the server, if its engine's connect_args were used."""
    async with engine.connect() as connection:
        name: str | None = await connection.scalar(NAME)
    await engine.dispose()
    return name


async def claim_connect_args(engine: AsyncEngine) -> None:
    """With `async_creator`, the engine does not use `connect_args`."""
    driver = engine.dialect.driver

    async def connect() -> Any:
        return await (asyncpg.connect(DSN) if driver == "asyncpg" else psycopg.AsyncConnection.connect(DSN))

    given = create_async_engine(DATABASE_URL, connect_args=ARGUMENTS[driver])
    created = create_async_engine(DATABASE_URL, connect_args=ARGUMENTS[driver], async_creator=connect)
    assert await name_of(given) == "shop"
    assert await name_of(created) != "shop"


async def claim_do_connect(engine: AsyncEngine) -> None:
    """With `async_creator`, the `do_connect` event does not occur."""
    driver = engine.dialect.driver
    occurred = []

    async def connect() -> Any:
        return await (asyncpg.connect(DSN) if driver == "asyncpg" else psycopg.AsyncConnection.connect(DSN))

    def note(*arguments: object) -> None:
        occurred.append("by the engine" if listened is engine else "by async_creator")

    created = create_async_engine(DATABASE_URL, async_creator=connect)
    for listened in engine, created:
        event.listen(listened.sync_engine, "do_connect", note)
        await name_of(listened)
    assert occurred == ["by the engine"]


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
