# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "ruff",
# ]
# ///
# also: fastapi==0.121.*
import asyncio
import os
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Literal

import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.exceptions import FastAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def frames_of(engine: AsyncEngine, scope: Literal["function", "request"]) -> traceback.StackSummary:
    """Of the error that the server logs for a 404 which the dependency swallows."""
    app = FastAPI()

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            try:
                yield session
            except Exception:
                await session.rollback()

    @app.get("/users/404")
    async def read_user(session: Annotated[AsyncSession, Depends(get_session, scope=scope)]) -> None:
        raise HTTPException(404)

    frames = traceback.StackSummary()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        try:
            await client.get("/users/404")
        except (FastAPIError, UnboundLocalError) as error:
            frames = traceback.extract_tb(error.__traceback__)
    return frames


async def claim_frames(engine: AsyncEngine) -> None:
    """The traceback has no frame of your endpoint or your dependency."""
    names = [frame.name for frame in await frames_of(engine, "request")]
    assert "app" in names
    assert "read_user" not in names
    assert "get_session" not in names


async def claim_last_line(engine: AsyncEngine) -> None:
    """With `scope="function"`, the last line of the traceback is `await response(scope, receive, send)` in `fastapi/routing.py`."""
    last = (await frames_of(engine, "function"))[-1]
    assert last.line == "await response(scope, receive, send)"
    assert last.filename.endswith("fastapi/routing.py")


def blind(handler: str) -> bool:
    """Whether Ruff's BLE001 finds this `except` in a dependency."""
    source = f"async def get_session():\n    try:\n        yield session\n    except {handler}\n"
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "BLE001", "-"]
    return "BLE001" in subprocess.run(command, input=source, capture_output=True, text=True).stdout


async def claim_ruff(engine: AsyncEngine) -> None:
    """Ruff's `BLE001` finds an `except Exception` that does not raise again. It does not find one that calls `logger.exception()`, nor `except SQLAlchemyError`."""
    assert blind("Exception:\n        await session.rollback()")
    assert not blind("Exception:\n        await session.rollback()\n        raise")
    assert not blind("Exception:\n        logger.exception('failed')")
    assert not blind("SQLAlchemyError:\n        await session.rollback()")


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
