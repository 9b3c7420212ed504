# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the parameters' names are its own)
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:settings]
async def main() -> None:
    server_settings = {"application_name": "shop", "search_path": "shop,public"}
    engine = create_async_engine(
        os.environ["DATABASE_URL"],
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
