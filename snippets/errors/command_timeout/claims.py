# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the setting is its own)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def sleep(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(60)"))


async def with_settings(**connect_args: Any) -> Exception | None:
    engine = create_async_engine(DATABASE_URL, connect_args=connect_args)
    try:
        await sleep(engine)
    except (TimeoutError, DBAPIError) as error:
        return error
    finally:
        await engine.dispose()
    return None


def files(error: BaseException) -> list[str]:
    return [Path(frame.filename).name for frame in traceback.extract_tb(error.__traceback__)]


async def claim_both(engine: AsyncEngine) -> None:
    """With a `command_timeout` above the `statement_timeout`, a slow query ends as `DBAPIError` and not as `TimeoutError`."""
    error = await with_settings(command_timeout=30, server_settings={"statement_timeout": "200"})
    assert isinstance(error, DBAPIError)


async def claim_asyncio_timeout(engine: AsyncEngine) -> None:
    """`asyncio.timeout()` around the query raises a `TimeoutError` without a text too. Its traceback ends in `timeouts.py`, and that of `command_timeout` in asyncpg's `protocol.pyx`."""
    error = None
    try:
        async with asyncio.timeout(0.2):
            await sleep(engine)
    except TimeoutError as raised:
        error = raised
    assert error is not None
    assert str(error) == ""
    assert files(error)[-1] == "timeouts.py"
    by_setting = await with_settings(command_timeout=0.2)
    assert by_setting is not None
    assert files(by_setting)[-1] == "protocol.pyx"


async def claim_stream(engine: AsyncEngine) -> None:
    """`command_timeout` limits each wait for rows of a stream, and not the query: a stream that takes longer ends without an error."""
    limited = create_async_engine(DATABASE_URL, connect_args={"command_timeout": 2})
    slow = text("SELECT pg_sleep(0.015) FROM generate_series(1, 200)")
    error = None
    async with limited.connect() as connection:
        rows = [row async for row in await connection.stream(slow, execution_options={"yield_per": 10})]
        try:
            await connection.execute(slow)
        except TimeoutError as raised:
            error = raised
    await limited.dispose()
    assert len(rows) == 200
    assert error is not None


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
