# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import logging
import os
import re

from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

rows: list[str] = []


# --8<-- [start:configure]
engine = create_async_engine(DATABASE_URL, pool_logging_name="orders", pool_size=1)
logger = logging.getLogger("sqlalchemy.pool.impl.AsyncAdaptedQueuePool.orders")
logger.setLevel(logging.DEBUG)
# --8<-- [end:configure]


class Table(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        message = re.sub(r"<AdaptedConnection.*>+", "<...>", record.getMessage())
        message = re.sub(r"Pool size.*", "...", message).strip()
        rows.append(f"{record.levelname} | {message}")


# --8<-- [start:work]
async def work() -> None:
    async with engine.connect(), engine.connect():
        pass  # Whichever comes back last finds the pool full.
    async with engine.connect() as connection:
        await connection.invalidate()
    await engine.dispose()


# --8<-- [end:work]


async def main() -> None:
    logger.addHandler(Table())
    await work()
    # --8<-- [start:table]
    print("level | message")
    #> level | message
    for row in rows:
        print(row)
        #> DEBUG | Created new connection <...>
        #> DEBUG | Connection <...> checked out from pool
        #> DEBUG | Created new connection <...>
        #> DEBUG | Connection <...> checked out from pool
        #> DEBUG | Connection <...> being returned to pool
        #> DEBUG | Connection <...> rollback-on-return
        #> DEBUG | Connection <...> being returned to pool
        #> DEBUG | Connection <...> rollback-on-return
        #> DEBUG | Closing connection <...>
        #> DEBUG | Connection <...> checked out from pool
        #> INFO | Invalidate connection <...>
        #> DEBUG | Hard-closing connection <...>
        #> INFO | Pool disposed. ...
        #> INFO | Pool recreating
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
