# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
import asyncio
import os

from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

metadata = MetaData()
notes = Table("notes", metadata, Column("id", Integer, primary_key=True), Column("text", String))


# --8<-- [start:note]
async def first_note(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        if not await connection.scalar(select(func.count()).select_from(notes)):
            async with connection.begin():
                await connection.execute(insert(notes).values(text="welcome"))


# --8<-- [end:note]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.drop_all)
            await connection.run_sync(metadata.create_all)
        await first_note(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
