# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite's parameters have no type)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from datetime import date

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


async def answer(engine: AsyncEngine, query: str, value: object) -> object:
    try:
        async with engine.connect() as connection:
            return await connection.scalar(text(query), {"x": value})
    except DBAPIError as error:
        return str(error.orig).splitlines()[0].rpartition(">: ")[2]


async def claim_str_and_none(engine: AsyncEngine) -> None:
    """`SELECT :x IS NULL` fails for a `str` and for `None`."""
    for value in ("open", None):
        said = await answer(engine, "SELECT :x IS NULL", value)
        assert said == "could not determine data type of parameter $1"


async def claim_other_types(engine: AsyncEngine) -> None:
    """For an `int`, a `bool` or a `date`, `SELECT :x IS NULL` works: the driver sends the type of the value."""
    for value in (1, True, date(2026, 3, 1)):
        said = await answer(engine, "SELECT :x IS NULL", value)
        assert said is False, said


async def claim_cast_at_both(engine: AsyncEngine) -> None:
    """With a cast at both places, such as `CAST(:x AS INTEGER)` and `CAST(:x AS TEXT)`, this error does not come."""
    query = "SELECT ({}, {}) = (1, CAST('1' AS TEXT))"
    assert "inconsistent types deduced" in str(await answer(engine, query.format(":x", ":x"), "1"))
    casts = "CAST(:x AS INTEGER)", "CAST(:x AS TEXT)"
    assert await answer(engine, query.format(*casts), 1) is True


async def claim_first_cast(engine: AsyncEngine) -> None:
    """With two casts of one name, the value has to be of the type of the first: a `str` for `CAST(:x AS INTEGER)` is refused."""
    query = "SELECT (CAST(:x AS INTEGER), CAST(:x AS TEXT)) = (1, CAST('1' AS TEXT))"
    said = await answer(engine, query, "1")
    assert said is not True, "the driver sends the text, and the server converts it"


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
