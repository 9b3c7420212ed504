# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (it is raised before any driver is asked)
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

# --8<-- [start:engine]
engine = create_async_engine("sqlite+aiosqlite://")
session_factory = async_sessionmaker(bind=engine)
# --8<-- [end:engine]


# --8<-- [start:session]
async def main() -> None:
    async with session_factory() as session:
        print(await session.scalar(text("SELECT 'connected'")))
        #> connected
    await engine.dispose()


# --8<-- [end:session]


if __name__ == "__main__":
    asyncio.run(main())
