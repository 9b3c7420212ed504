# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (nothing connects; the URLs alone decide)
import asyncio

from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import create_async_engine

# --8<-- [start:urls]
URLS = [
    "postgres://db/shop",
    "postgres+asyncpg://db/shop",
    "asyncpg://db/shop",
    "aiosqlite:///shop.db",
    "postgresql+aiopg://db/shop",
    "postgresql+psycopg2://db/shop",
    "mysql+asyncmy://db/shop",
    "postgresql+asyncpg:/db/shop",
    "",  # a variable that is not set
]


def answer(url: str) -> str:
    try:
        create_async_engine(url)
        return "accepted"
    except (NoSuchModuleError, ModuleNotFoundError, ArgumentError) as error:
        return f"{type(error).__name__}: {error}"


async def main() -> None:
    for url in URLS:
        print(answer(url))
        #> NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres
        #> NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres.asyncpg
        #> NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:asyncpg
        #> NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:aiosqlite
        #> NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgresql.aiopg
        #> ModuleNotFoundError: No module named 'psycopg2'
        #> ModuleNotFoundError: No module named 'asyncmy'
        #> ArgumentError: Could not parse SQLAlchemy URL from given URL string
        #> ArgumentError: Could not parse SQLAlchemy URL from given URL string


# --8<-- [end:urls]


if __name__ == "__main__":
    asyncio.run(main())
