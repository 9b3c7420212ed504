# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
MEMORY = "sqlite+aiosqlite://"


def refusal(url: str, **options: Any) -> str:
    try:
        create_async_engine(url, **options)
    except TypeError as error:
        return str(error)
    return "accepted"


async def claim_default(engine: AsyncEngine) -> None:
    """PostgreSQL and a file of SQLite have a pool with a size."""
    said = refusal(DATABASE_URL, pool_size=10, max_overflow=5)
    assert said == "accepted", said.partition(".  ")[0]


async def claim_each_argument(engine: AsyncEngine) -> None:
    """`pool_size`, `max_overflow`, `pool_timeout` and `pool_use_lifo` are each refused, by `NullPool` and for SQLite in memory."""
    for options in ({"pool_size": 5}, {"max_overflow": 5}, {"pool_timeout": 5}, {"pool_use_lifo": True}):
        [name] = options
        assert refusal(DATABASE_URL, poolclass=NullPool, **options).startswith(f"Invalid argument(s) '{name}'")
        assert refusal(MEMORY, **options).startswith(f"Invalid argument(s) '{name}'")


async def claim_what_may_stay(engine: AsyncEngine) -> None:
    """`pool_pre_ping`, `pool_recycle` and `pool_reset_on_return` are accepted by `NullPool`, by the default pool, and for SQLite in memory."""
    options: dict[str, Any] = {"pool_pre_ping": True, "pool_recycle": 60, "pool_reset_on_return": None}
    assert refusal(DATABASE_URL, poolclass=NullPool, **options) == "accepted"
    assert refusal(MEMORY, **options) == "accepted"
    assert refusal(DATABASE_URL, **options) == "accepted"


async def claim_mode_memory(engine: AsyncEngine) -> None:
    """A URL with `?mode=memory&uri=true` is memory, too: `pool_size` is refused."""
    with warnings.catch_warnings(action="ignore"):
        said = refusal("sqlite+aiosqlite:///file:shop?mode=memory&uri=true", pool_size=5)
    assert said.startswith("Invalid argument(s) 'pool_size'")


async def claim_misspelt(engine: AsyncEngine) -> None:
    """A misspelt option gives the same message with its name: `Invalid argument(s) 'pool_sise'`."""
    assert refusal(DATABASE_URL, pool_sise=5).startswith("Invalid argument(s) 'pool_sise'")


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
