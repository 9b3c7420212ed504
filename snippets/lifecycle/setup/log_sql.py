# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "uvicorn"]
# ///
import asyncio
import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:log-sql]
def log_sql() -> None:
    logging.basicConfig()  # uvicorn gives a handler to its own loggers only.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)


# --8<-- [end:log-sql]


@contextmanager
def logging_as_uvicorn_leaves_it() -> Iterator[None]:
    """Whoever runs this file may have given the root logger a handler."""
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    level = logging.getLogger("sqlalchemy.engine").level
    try:
        uvicorn.Config(FastAPI(), log_level="critical")
        yield
    finally:
        root.handlers = kept
        logging.getLogger("sqlalchemy.engine").setLevel(level)


async def main() -> None:
    shown = io.StringIO()
    with redirect_stderr(shown), logging_as_uvicorn_leaves_it():
        log_sql()
        engine = create_async_engine(DATABASE_URL)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 'Ada'"))
        await engine.dispose()
    # --8<-- [start:shown]
    print("the statement is shown:", "SELECT 'Ada'" in shown.getvalue())
    #> the statement is shown: True
    assert "SELECT 'Ada'" in shown.getvalue(), "nothing shows what the logger logs"
    # --8<-- [end:shown]


if __name__ == "__main__":
    asyncio.run(main())
