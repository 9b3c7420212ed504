# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "celery>=5.3"]
# ///
# drivers: asyncpg (the two others survive a second loop)
# silent: the task fails in the worker, and whoever sent it is not told
# leaks: the connection belongs to a loop that is closed, and nobody can close it any more
import asyncio
import logging
import os
import re
import sys

from celery import Celery
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:tasks]
app = Celery("shop", broker="memory://", set_as_current=False)
engine = create_async_engine(DATABASE_URL)


async def read_version() -> str:
    async with engine.connect() as connection:
        return str(await connection.scalar(select(func.version())))[:10]


@app.task(name="version", shared=False)  # type: ignore[untyped-decorator]
def version() -> str:
    return asyncio.run(read_version())


# --8<-- [end:tasks]


# --8<-- [start:worker]
def main() -> None:
    logging.getLogger("celery.app.trace").disabled = True
    for _ in range(3):
        result = version.apply()  # Runs the task here, without a worker.
        print(result.state, re.split("> |[)] ", str(result.result).splitlines()[0])[-1])
        #> SUCCESS PostgreSQL
        #> FAILURE attached to a different loop
        #> FAILURE cannot perform operation: another operation is in progress


# --8<-- [end:worker]


if __name__ == "__main__":
    main()
