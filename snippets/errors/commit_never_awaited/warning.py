# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine)
    try:
        # --8<-- [start:warn]
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            async with session_factory() as session:
                await session.execute(text("SELECT 1"))
                session.commit()  # type: ignore[unused-coroutine]
            session.close()  # type: ignore[unused-coroutine]
        for warning in warned:
            print(f"{warning.category.__name__}: {warning.message}")
            #> RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited
            #> RuntimeWarning: coroutine 'AsyncSession.close' was never awaited
        # --8<-- [end:warn]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
