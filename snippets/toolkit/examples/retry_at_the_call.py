# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from retry import retrying
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm.exc import StaleDataError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:function]
async def too_busy(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))
    print("tries")
    #> tries
    #> tries
    #> tries
    raise StaleDataError("another transaction was faster")


# --8<-- [end:function]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine)
    # --8<-- [start:call]
    try:
        await retrying(session_factory, attempts=3)(too_busy)()
    except StaleDataError as error:
        print(error)
        #> another transaction was faster
    # --8<-- [end:call]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
