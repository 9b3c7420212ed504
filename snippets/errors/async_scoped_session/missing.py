# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:missing]
async def look(factory: async_sessionmaker[AsyncSession]) -> None:
    current: Any = async_scoped_session(factory, scopefunc=asyncio.current_task)
    for name in dir(AsyncSession):
        if not name.startswith("_") and not hasattr(async_scoped_session, name):
            print(name)
            #> bind_mapper
            #> bind_table
            #> get_nested_transaction
            #> get_transaction
            #> in_nested_transaction
            #> in_transaction
            #> run_sync
            #> sync_session_class
    try:
        async with current:
            pass
    except TypeError as error:
        print(error)
        #> 'async_scoped_session' object does not support the asynchronous context manager protocol
    try:
        async_scoped_session(factory)  # type: ignore[call-arg]
    except TypeError as error:
        print(error)
        #> async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'


# --8<-- [end:missing]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await look(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
