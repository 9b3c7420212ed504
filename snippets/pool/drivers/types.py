# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*
# drivers: asyncpg (it opens all three itself, to set them side by side)
import asyncio
import os
import sys
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ClauseElement, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


# --8<-- [start:values]
class Base(DeclarativeBase):
    pass


class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    number: Mapped[int | None]
    day: Mapped[date | None]
    moment: Mapped[datetime | None]  # Without a time zone.


VALUES: dict[str, tuple[str, Any]] = {
    "`int` for text": ("name", 5),
    "`str` for an integer": ("number", "5"),
    "`str` for a date": ("day", "2026-01-31"),
    "aware `datetime`, naive column": ("moment", datetime(2026, 1, 31, tzinfo=UTC)),
}


def ways(column: str, value: Any) -> tuple[ClauseElement, ClauseElement]:
    by_text = text(f"INSERT INTO visits ({column}) VALUES (:value)").bindparams(value=value)
    return insert(Visit).values({column: value}), by_text


# --8<-- [end:values]


async def outcome(engine: AsyncEngine, statement: Any) -> str:
    try:
        async with engine.begin() as connection:
            await connection.execute(statement)
    except DBAPIError as error:
        return type(error).__name__
    except StatementError as error:
        return f"{type(error).__name__} ({type(error.orig).__name__})"
    return "accepted"


async def main() -> None:
    server = make_url(DATABASE_URL)
    engines = [create_async_engine(server.set(drivername=f"postgresql+{name}")) for name in ("asyncpg", "psycopg")]
    engines.append(create_async_engine("sqlite+aiosqlite://"))
    for engine in engines[1:]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
    # --8<-- [start:table]
    print("Value | written with | asyncpg | psycopg | aiosqlite")
    #> Value | written with | asyncpg | psycopg | aiosqlite
    for what, (column, value) in VALUES.items():
        for how, statement in zip(("`insert()`", "`text()`"), ways(column, value), strict=True):
            print(f"{what} | {how} | {' | '.join([await outcome(engine, statement) for engine in engines])}")
            #> `int` for text | `insert()` | DBAPIError | accepted | accepted
            #> `int` for text | `text()` | accepted | accepted | accepted
            #> `str` for an integer | `insert()` | DBAPIError | accepted | accepted
            #> `str` for an integer | `text()` | ProgrammingError | ProgrammingError | accepted
            #> `str` for a date | `insert()` | DBAPIError | accepted | StatementError (TypeError)
            #> `str` for a date | `text()` | ProgrammingError | ProgrammingError | accepted
            #> aware `datetime`, naive column | `insert()` | DBAPIError | accepted | accepted
            #> aware `datetime`, naive column | `text()` | accepted | accepted | accepted
    # --8<-- [end:table]
    for engine in engines:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
