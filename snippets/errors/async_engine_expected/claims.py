# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_synchronous_connection(engine: AsyncEngine) -> None:
    """`bind=` with a synchronous connection, as in some test fixtures, raises `AsyncEngine expected` too."""
    in_memory = create_engine("sqlite://")
    with in_memory.connect() as connection:
        bind: Any = connection
        error = None
        try:
            async_sessionmaker()(bind=bind)
        except ArgumentError as raised:
            error = raised
    in_memory.dispose()
    assert "AsyncEngine expected, got" in str(error)


async def claim_older_factory(engine: AsyncEngine) -> None:
    """`sessionmaker(engine, class_=AsyncSession)`, as written before SQLAlchemy 2.0, works with an `AsyncEngine`."""
    make: Any = sessionmaker
    factory = make(engine, class_=AsyncSession)
    async with factory() as session:
        assert await session.scalar(text("SELECT 42")) == 42


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
