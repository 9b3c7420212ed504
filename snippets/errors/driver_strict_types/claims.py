# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "fastapi", "httpx"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (these are its own words)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import (
    Date,
    DateTime,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    bindparam,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeEngine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def refused(connection: AsyncConnection, statement: str, **values: Any) -> str:
    try:
        await connection.execute(text(statement), values)
    except DBAPIError as error:
        return str(error.orig)
    return ""


async def sent_back(connection: AsyncConnection, kind: type[TypeEngine[Any]], value: Any) -> Any:
    return await connection.scalar(select(bindparam("value", value, kind)))


async def claim_transaction_lives(engine: AsyncEngine) -> None:
    """On an `AsyncConnection`, a refused value does not abort the transaction: the next statement in it works."""
    async with engine.connect() as connection:
        assert "invalid input" in await refused(connection, "SELECT CAST(:id AS integer)", id="x")
        assert await connection.scalar(text("SELECT 1")) == 1


async def claim_prepared(engine: AsyncEngine) -> None:
    """Before it refuses a value, asyncpg has sent the statement without the values, to learn the types of its parameters."""
    async with engine.connect() as connection:
        statement = "SELECT 'with a wrong value', CAST(:id AS integer)"
        assert "invalid input" in await refused(connection, statement, id="x")
        prepared = select(text("statement")).select_from(text("pg_prepared_statements"))
        sent = await connection.scalars(prepared)
        assert any("with a wrong value" in one for one in sent)


async def claim_executemany(engine: AsyncEngine) -> None:
    """With several rows, the text may also name the row, counted from 0: `$1 in element #2 of executemany() sequence` is the first value of the third row."""
    error = None
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE numbers (number integer)"))
        rows: list[dict[str, object]] = [{"number": 1}, {"number": 2}, {"number": "x"}]
        try:
            await connection.execute(text("INSERT INTO numbers VALUES (:number)"), rows)
        except DBAPIError as raised:
            error = raised
    assert "$1 in element #2 of executemany() sequence: 'x'" in str(error)


async def claim_right_types(engine: AsyncEngine) -> None:
    """asyncpg takes a `str` for a `String`, an `int` for an `Integer`, a `date` for a `Date`, a `datetime` for a `DateTime`, a `timedelta` for an `Interval`, `bytes` for a `LargeBinary`."""
    async with engine.connect() as connection:
        assert await sent_back(connection, String, "4711") == "4711"
        assert await sent_back(connection, Integer, 3) == 3
        assert await sent_back(connection, Date, date(2026, 3, 1)) == date(2026, 3, 1)
        assert await sent_back(connection, DateTime, datetime(2026, 3, 1)) == datetime(2026, 3, 1)
        assert await sent_back(connection, Interval, timedelta(days=1)) == timedelta(days=1)
        assert await sent_back(connection, LargeBinary, b"text") == b"text"


async def claim_accepted(engine: AsyncEngine) -> None:
    """Not every other type is refused: a `float` takes an int, a `numeric` a string of digits, a `uuid` its text, a `date` a datetime."""
    async with engine.connect() as connection:
        assert await sent_back(connection, Float, 3) == 3.0
        assert await sent_back(connection, Numeric, "3.5") == Decimal("3.5")
        assert await connection.scalar(text("SELECT CAST(:id AS uuid)"), {"id": str(UUID(int=1))}) == UUID(int=1)
        assert await sent_back(connection, Date, datetime(2026, 3, 1, 12)) == date(2026, 3, 1)


async def claim_cut(engine: AsyncEngine) -> None:
    """An `Integer` takes a `float` or a `Decimal`, and asyncpg cuts the fraction off: 1.9 is stored as 1, and nothing is raised."""
    async with engine.connect() as connection:
        assert await sent_back(connection, Integer, 1.9) == 1
        assert await sent_back(connection, Integer, Decimal("1.9")) == 1


async def claim_fastapi(engine: AsyncEngine) -> None:
    """With `user_id: int`, FastAPI converts `3` in a path, and answers 422 to `x`. A number beyond int32 passes, and asyncpg refuses it for an INTEGER."""
    app = FastAPI()

    @app.get("/users/{user_id}")
    async def read(user_id: int) -> str:
        async with engine.connect() as connection:
            return await refused(connection, "SELECT CAST(:id AS integer)", id=user_id)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        assert (await client.get("/users/3")).json() == ""
        assert (await client.get("/users/x")).status_code == 422
        assert "value out of int32 range" in (await client.get("/users/3000000000")).json()


async def claim_int32(engine: AsyncEngine) -> None:
    """`value out of int32 range` needs no column: PostgreSQL takes the parameter of `SELECT 1 + :x` for an INTEGER."""
    async with engine.connect() as connection:
        assert "value out of int32 range" in await refused(connection, "SELECT 1 + :x", x=2**31)


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())

