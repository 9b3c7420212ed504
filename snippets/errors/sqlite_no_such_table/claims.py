# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (a path in the URL is SQLite's)
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_static_pool(engine: AsyncEngine) -> None:
    """For `:memory:`, and for a URL without a database, an async engine takes `StaticPool` by itself."""
    for url in ("sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite://"):
        assert isinstance(create_async_engine(url).pool, StaticPool)


async def claim_slashes(engine: AsyncEngine) -> None:
    """Three slashes begin a relative path, four an absolute one. On Windows, three slashes and a drive letter do."""
    assert make_url("sqlite+aiosqlite:///shop.db").database == "shop.db"
    assert make_url("sqlite+aiosqlite:////srv/shop.db").database == "/srv/shop.db"
    assert make_url("sqlite+aiosqlite:///C:/shop.db").database == "C:/shop.db"


async def claim_empty_file(engine: AsyncEngine) -> None:
    """The query that fails with `no such table` leaves a file of 0 bytes at the wrong path."""
    with TemporaryDirectory() as folder:
        wrong = Path(folder) / "wrong.db"
        other, error = create_async_engine(f"sqlite+aiosqlite:///{wrong}"), ""
        try:
            async with other.connect() as connection:
                await connection.execute(text("SELECT id FROM orders"))
        except OperationalError as raised:
            error = str(raised.orig)
        await other.dispose()
        assert error == "no such table: orders"
        assert wrong.stat().st_size == 0


async def claim_database_list(engine: AsyncEngine) -> None:
    """`PRAGMA database_list` gives the absolute path of the file, and an empty text with `sqlite+aiosqlite://`."""
    async with engine.connect() as connection:
        (_, _, path), *_ = await connection.execute(text("PRAGMA database_list"))
        assert Path(path).is_absolute()
    memory = create_async_engine("sqlite+aiosqlite://")
    async with memory.connect() as connection:
        (_, _, path), *_ = await connection.execute(text("PRAGMA database_list"))
        assert path == ""
    await memory.dispose()


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
