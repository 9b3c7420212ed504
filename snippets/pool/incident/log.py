# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
import asyncio
import logging
import os

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.1)
session_factory = async_sessionmaker(engine)
app = FastAPI()
logger = logging.getLogger("app")


# --8<-- [start:handler]
@app.exception_handler(TimeoutError)
async def busy(request: Request, error: Exception) -> JSONResponse:
    logger.error("%s: %s", request.url.path, engine.pool.status())
    return JSONResponse({"detail": "busy, try again"}, status_code=503)


# --8<-- [end:handler]


@app.get("/orders")
async def read_orders() -> None:
    async with session_factory() as session:
        await session.execute(text("SELECT 'orders'"))


logged: list[str] = []


class Keep(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.append(record.getMessage())


async def main() -> None:
    logger.addHandler(Keep())
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
    try:
        # --8<-- [start:ask]
        async with engine.connect():  # It has the only connection.
            answer = await client.get("/orders")
        print(answer.status_code, *logged, sep="\n")
        """
        503
        /orders: Pool size: 1  Connections in pool: 0 Current Overflow: 0 Current Checked out connections: 1
        """
        # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
