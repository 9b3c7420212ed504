# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (a URL of PostgreSQL names no folder)
import asyncio
import os
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from contextlib import chdir
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_another_folder(engine: AsyncEngine) -> None:
    """`sqlite+aiosqlite:///shop.db` is a file in the current folder. In another folder, the same URL makes another, empty file."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        found = []
        for folder in (one, two):
            with chdir(folder):
                shop = create_async_engine("sqlite+aiosqlite:///shop.db")
                async with shop.begin() as connection:
                    found.append(await connection.run_sync(lambda sync: inspect(sync).has_table("users")))
                    await connection.execute(text("CREATE TABLE users (id INTEGER)"))
                await shop.dispose()
        assert found == [False, False]
        assert exists(one)
        assert exists(two)


def exists(folder: str) -> bool:
    return Path(folder, "shop.db").is_file()


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
