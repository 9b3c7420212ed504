# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import logging
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Lines(logging.Handler):
    """What would stand in your log."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += record.getMessage() + "\n"


async def main() -> None:
    log = Lines()
    logger = logging.getLogger("sqlalchemy.engine")
    logger.addHandler(log)
    # --8<-- [start:rows]
    for level in logging.INFO, logging.DEBUG:
        logger.setLevel(level)
        engine = create_async_engine(DATABASE_URL, hide_parameters=True)
        async with engine.connect() as connection:
            query = text("SELECT CAST(:address AS VARCHAR(99))")
            await connection.scalar(query, {"address": "ada@example.org"})
        await engine.dispose()
        print(logging.getLevelName(level), "shows the value:", "ada@example.org" in log.text)
        #> INFO shows the value: False
        #> DEBUG shows the value: True
    # --8<-- [end:rows]
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(log)


if __name__ == "__main__":
    asyncio.run(main())
