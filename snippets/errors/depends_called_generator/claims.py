# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.121", "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def claim_in_a_list(engine: AsyncEngine) -> None:
    """In `dependencies=[Depends(get_session())]` the message is `A parameter-less dependency must have a callable dependency`."""

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    error = None
    try:
        APIRouter().get("/", dependencies=[Depends(get_session())])(lambda: None)  # type: ignore[arg-type]
    except AssertionError as raised:
        error = raised
    assert "A parameter-less dependency must have a callable dependency" in str(error)


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
