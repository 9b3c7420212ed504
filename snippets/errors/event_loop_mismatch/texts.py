# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the two others survive a second loop)
# leaks: the connections belong to loops that are closed, and nobody can close them any more
import asyncio
import logging
import os
import re
import sys
import warnings
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# Of each connection that it has to give up, asyncpg complains and SQLAlchemy logs a traceback.
warnings.simplefilter("ignore")
logging.getLogger("sqlalchemy.pool.impl.AsyncAdaptedQueuePool").disabled = True


async def select_one(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


# --8<-- [start:table]
def outcome(engine: AsyncEngine) -> str:
    try:
        asyncio.run(select_one(engine))
    except Exception as error:
        return re.split("> |[)] ", str(error).splitlines()[0])[-1]
    return "works"


def main() -> None:
    print("engine with | run | outcome")
    #> engine with | run | outcome
    settings: dict[str, dict[str, Any]] = {
        "no setting": {},
        "`pool_pre_ping`": {"pool_pre_ping": True},
        "`command_timeout`": {"connect_args": {"command_timeout": 60}},
    }
    for name, setting in settings.items():
        engine = create_async_engine(DATABASE_URL, **setting)
        for number in (1, 2, 3, 4):
            print(f"{name} | {number} | {outcome(engine)}")
            #> no setting | 1 | works
            #> no setting | 2 | attached to a different loop
            #> no setting | 3 | cannot perform operation: another operation is in progress
            #> no setting | 4 | cannot perform operation: another operation is in progress
            #> `pool_pre_ping` | 1 | works
            #> `pool_pre_ping` | 2 | attached to a different loop
            #> `pool_pre_ping` | 3 | works
            #> `pool_pre_ping` | 4 | attached to a different loop
            #> `command_timeout` | 1 | works
            #> `command_timeout` | 2 | Event loop is closed
            #> `command_timeout` | 3 | cannot perform operation: another operation is in progress
            #> `command_timeout` | 4 | cannot perform operation: another operation is in progress


# --8<-- [end:table]


if __name__ == "__main__":
    main()
