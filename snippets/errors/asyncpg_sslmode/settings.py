# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (the parameters' names are its own)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:settings]
async def main() -> None:
    server_settings = {"application_name": "shop", "search_path": "shop,public"}
    engine = create_async_engine(
        DATABASE_URL,
        connect_args={"timeout": 5, "server_settings": server_settings},
    )
    try:
        async with engine.connect() as connection:
            print(await connection.scalar(text("SHOW application_name")))
            #> shop
            print(await connection.scalar(text("SHOW search_path")))
            #> shop,public
    finally:
        await engine.dispose()


# --8<-- [end:settings]


if __name__ == "__main__":
    asyncio.run(main())
