# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# raises: sqlalchemy.exc.ArgumentError
# drivers: aiosqlite (it is raised before any driver is asked)
import asyncio

from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import async_sessionmaker

# --8<-- [start:engine]
engine = create_engine("sqlite://")
session_factory = async_sessionmaker(bind=engine)  # type: ignore[call-overload]
# --8<-- [end:engine]


# --8<-- [start:session]
async def main() -> None:
    async with session_factory() as session:
        print(await session.scalar(text("SELECT 'connected'")))
    engine.dispose()


# --8<-- [end:session]


if __name__ == "__main__":
    asyncio.run(main())
