# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def main() -> None:
    # --8<-- [start:noise]
    engine = create_async_engine(DATABASE_URL)
    short = async_sessionmaker(engine)
    long = async_sessionmaker(engine, class_=AsyncSession)
    print(type(short()) is type(long()) is AsyncSession)
    #> True
    older = sessionmaker(engine, class_=AsyncSession)  # type: ignore[call-overload]
    print(isinstance(older(), AsyncSession))
    #> True

    with_future = create_async_engine(DATABASE_URL, future=True)
    print(type(with_future) is type(engine))
    #> True
    try:
        create_async_engine(DATABASE_URL, future=False)
    except ArgumentError as error:
        print(error)
        #> The 'future' parameter passed to create_engine() may only be set to True.
    # --8<-- [end:noise]


if __name__ == "__main__":
    asyncio.run(main())
