# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# also: psycopg==3.2.*
# drivers: psycopg (the parameter is asyncpg's)
import asyncio
import os
import sys

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


async def main() -> None:
    # --8<-- [start:mirror]
    url = make_url(DATABASE_URL).update_query_dict({"ssl": "require"})
    engine = create_async_engine(url)
    try:
        await engine.connect()
    except ProgrammingError as error:
        print(type(error.orig).__name__)
        #> ProgrammingError
    # --8<-- [end:mirror]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
