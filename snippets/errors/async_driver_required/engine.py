# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (it is about the URL of SQLite; PostgreSQL's: async_driver_required_urls)
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:engine]
async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 'connected'")))
        #> connected
    await engine.dispose()


# --8<-- [end:engine]


if __name__ == "__main__":
    asyncio.run(main())
