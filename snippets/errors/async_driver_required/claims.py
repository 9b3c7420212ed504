# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_urls(engine: AsyncEngine) -> None:
    """`sqlite+aiosqlite:///`, `postgresql+asyncpg://` and `postgresql+psycopg://` name an async driver: each makes an async engine."""
    beginnings = ["sqlite+aiosqlite:///shop", "postgresql+asyncpg://db/shop", "postgresql+psycopg://db/shop"]
    drivers = [create_async_engine(url).dialect.driver for url in beginnings]
    assert drivers == ["aiosqlite", "asyncpg", "psycopg"]


async def claim_postgres(engine: AsyncEngine) -> None:
    """`postgres://` raises `NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres`, and `set(drivername=…)` mends it too."""
    url = make_url("postgres://shop:secret@db/shop")
    error = None
    try:
        create_async_engine(url)
    except NoSuchModuleError as raised:
        error = raised
    assert "Can't load plugin: sqlalchemy.dialects:postgres" in str(error)
    assert create_async_engine(url.set(drivername="postgresql+asyncpg")).dialect.driver == "asyncpg"


async def claim_password(engine: AsyncEngine) -> None:
    """`print(make_url(url))` hides the password before the `@`, and shows one in the query (`?password=…`)."""
    assert str(make_url("postgresql://shop:secret@db/shop")) == "postgresql://shop:***@db/shop"
    assert "secret" in str(make_url("postgresql://db/shop?user=shop&password=secret"))


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
