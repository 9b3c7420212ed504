# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the parameters' names are its own)
import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


@asynccontextmanager
async def silent_server() -> AsyncIterator[int]:
    """It accepts connections and says nothing."""
    hung_up = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung_up.wait()
        writer.close()

    server = await asyncio.start_server(wait, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        hung_up.set()
        server.close()


async def setting(name: str, **server_settings: str) -> str:
    engine = create_async_engine(DATABASE_URL, connect_args={"server_settings": server_settings})
    try:
        async with engine.connect() as connection:
            return str(await connection.scalar(text(f"SHOW {name}")))
    finally:
        await engine.dispose()


async def claim_application_name(engine: AsyncEngine) -> None:
    """libpq's `application_name` is `connect_args={"server_settings": {"application_name": "shop"}}`."""
    assert await setting("application_name", application_name="shop") == "shop"


async def claim_options(engine: AsyncEngine) -> None:
    """libpq's `options=-c search_path=shop` is `connect_args={"server_settings": {"search_path": "shop"}}`."""
    assert await setting("search_path", search_path="shop") == "shop"


async def claim_timeout(engine: AsyncEngine) -> None:
    """libpq's `connect_timeout=5` is `connect_args={"timeout": 5}`: a server that does not answer then raises `TimeoutError`."""
    async with silent_server() as port:
        url = make_url("postgresql+asyncpg://shop@127.0.0.1/shop?ssl=disable").set(port=port)
        impatient = create_async_engine(url, connect_args={"timeout": 0.2})
        error = None
        try:
            await impatient.connect()
        except TimeoutError as raised:
            error = raised
        await impatient.dispose()
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
