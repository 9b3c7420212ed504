# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "fastapi", "httpx"]
# ///
# drivers: asyncpg (the two others survive a second loop)
import asyncio
import os
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

TWO_TESTS = """
import os
from contextlib import asynccontextmanager
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"])

@asynccontextmanager
async def lifespan(app):
    yield
    await engine.dispose()

app = FastAPI(lifespan=lifespan)

@app.get("/health")
async def health():
    async with engine.connect() as connection:
        return str(await connection.scalar(text("SELECT 1")))

for number in (1, 2):
    with TestClient(app) as client:
        print(client.get("/health").status_code)
"""


def run(code: str) -> tuple[str, str]:
    command = [sys.executable, "-W", "ignore", "-c", code]
    environment = {**os.environ, "DATABASE_URL": DATABASE_URL}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    return done.stdout, done.stderr


async def claim_dispose(_engine: AsyncEngine) -> None:
    """If the lifespan does not dispose of the engine, the next `with TestClient(app)` fails: it has another loop."""
    assert run(TWO_TESTS) == ("200\n200\n", "")
    said, error = run(TWO_TESTS.replace("    await engine.dispose()\n", ""))
    assert said == "200\n"
    assert "attached to a different loop" in error


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
