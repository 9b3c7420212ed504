# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "fastapi", "httpx"]
# ///
# drivers: asyncpg (the two others survive a second loop)
# raises: RuntimeError
# leaks: the connection belongs to a loop that is closed, and nobody can close it any more
import os
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # It would rather have httpx2.
    from fastapi.testclient import TestClient

# --8<-- [start:app]
engine = create_async_engine(DATABASE_URL)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(text("SELECT 1")))


# --8<-- [end:app]


# --8<-- [start:test]
def test_health() -> None:
    client = TestClient(app)
    print(client.get("/health").status_code)
    #> 200
    print(client.get("/health").status_code)


# --8<-- [end:test]


if __name__ == "__main__":
    test_health()
