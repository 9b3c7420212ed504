# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL has these types)
import asyncio
from typing import Any

from sqlalchemy import Column, MetaData, String, Table, Uuid
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.types import TypeEngine

# --8<-- [start:table]
TYPES: list[TypeEngine[Any]] = [
    Uuid(),
    postgresql.UUID(),
    postgresql.ENUM("draft", "published", name="status"),
    postgresql.JSONB(),
    postgresql.ARRAY(String),
    postgresql.INET(),
    postgresql.CITEXT(),
    postgresql.INTERVAL(),
    postgresql.TSVECTOR(),
]


async def attempt(column_type: TypeEngine[Any]) -> str:
    engine = create_async_engine("sqlite+aiosqlite://")
    metadata = MetaData()
    Table("articles", metadata, Column("it", column_type))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
    except CompileError as error:
        return "can't " + str(error).partition("can't ")[2]
    finally:
        await engine.dispose()
    return "created"


async def compare() -> None:
    print("type | create_all on SQLite")
    #> type | create_all on SQLite
    for column_type in TYPES:
        print(f"{type(column_type).__name__} | {await attempt(column_type)}")
        #> Uuid | created
        #> UUID | created
        #> ENUM | created
        #> JSONB | created
        #> ARRAY | can't render element of type ARRAY
        #> INET | can't render element of type INET
        #> CITEXT | can't render element of type CITEXT
        #> INTERVAL | can't render element of type INTERVAL
        #> TSVECTOR | can't render element of type TSVECTOR


# --8<-- [end:table]

if __name__ == "__main__":
    asyncio.run(compare())
