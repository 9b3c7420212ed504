# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (these are its own words)
import asyncio
import os
import sys
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Integer,
    Interval,
    LargeBinary,
    String,
    bindparam,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.types import TypeEngine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

# --8<-- [start:values]
VALUES: list[tuple[type[TypeEngine[Any]], Any]] = [
    (String, 4711),
    (String, UUID(int=1)),
    (String, {"city": "Paris"}),
    (Integer, "3"),
    (Integer, 2**40),
    (BigInteger, 2**40),
    (Date, "2026-03-01"),
    (DateTime, "2026-03-01"),
    (Interval, "1 day"),
    (Interval, 60),
    (LargeBinary, "text"),
]
# --8<-- [end:values]


# --8<-- [start:try]
async def answer(connection: AsyncConnection, kind: type[TypeEngine[Any]], value: Any) -> str:
    try:
        async with connection.begin():
            await connection.execute(select(bindparam("value", value, kind)))
        return "accepted"
    except DBAPIError as error:
        return str(error.orig).removeprefix("invalid input for query argument $1: ")


async def try_all(connection: AsyncConnection) -> None:
    for kind, value in VALUES:
        print(kind.__name__, "|", await answer(connection, kind, value))
        #> String | 4711 (expected str, got int)
        #> String | UUID('00000000-0000-0000-0000-0000000000... (expected str, got UUID)
        #> String | {'city': 'Paris'} (expected str, got dict)
        #> Integer | '3' ('str' object cannot be interpreted as an integer)
        #> Integer | 1099511627776 (value out of int32 range)
        #> BigInteger | accepted
        #> Date | '2026-03-01' ('str' object has no attribute 'toordinal')
        #> DateTime | '2026-03-01' (expected a datetime.date or datetime.datetime instance, got 'str')
        #> Interval | '1 day' ('str' object has no attribute 'days')
        #> Interval | 60 ('int' object has no attribute 'days')
        #> LargeBinary | 'text' (a bytes-like object is required, not 'str')


# --8<-- [end:try]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:
            await try_all(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
