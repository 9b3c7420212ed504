# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no native ENUM)
import asyncio
import os
import sys
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import Enum, String, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Status(StrEnum):
    open = "open"
    paid = "paid"
    cancelled = "cancelled"


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    native: Mapped[Status | None]
    check: Mapped[Status | None] = mapped_column(
        Enum(Status, native_enum=False, create_constraint=True, name="status_check")
    )
    strict: Mapped[Status | None] = mapped_column(
        Enum(Status, native_enum=False, validate_strings=True)
    )
    loose: Mapped[Status | None] = mapped_column(Enum(Status, native_enum=False))
    literal: Mapped[Literal["open", "paid", "cancelled"] | None]
    string: Mapped[str | None] = mapped_column(String(9))


# --8<-- [end:model]
COLUMNS = {
    "native": "`Mapped[Status]`",
    "check": "`create_constraint=True`",
    "strict": "`validate_strings=True`",
    "loose": "neither of the two",
    "literal": '`Mapped[Literal["open", …]]`',
    "string": "`String(9)`",
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)

    async def new_tables() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)

    async def type_of(column: str) -> str:
        async with engine.connect() as connection:
            query = text("SELECT udt_name FROM information_schema.columns WHERE column_name = :name")
            return str(await connection.scalar(query, {"name": column}))

    async def by_program(column: str) -> str:
        await new_tables()
        try:
            async with session_factory.begin() as session:
                session.add(Order(id=1, **{column: "refunded"}))
        except StatementError:
            return "refused"
        return await outcome(column)

    async def by_text(column: str) -> str:
        await new_tables()
        try:
            async with engine.begin() as connection:
                await connection.execute(
                    text(f"INSERT INTO orders (id, \"{column}\") VALUES (1, 'refunded')")
                )
        except DBAPIError:
            return "refused"
        return await outcome(column)

    async def outcome(column: str) -> str:
        async with session_factory() as session:
            try:
                await session.get_one(Order, 1)
            except LookupError:
                return "**unreadable**"
        return "stored"

    async def order(column: str) -> str:
        await new_tables()
        attribute: Any = getattr(Order, column)
        async with session_factory.begin() as session:
            session.add_all([Order(**{column: status.value}) for status in Status])
            await session.flush()
            found = (await session.scalars(select(attribute).order_by(attribute))).all()
        return "declared" if found == list(Status) else "alphabet"

    try:
        # --8<-- [start:table]
        print("declared as | `refunded` by `Order(…)` | by `text()` | `ORDER BY` | type")
        #> declared as | `refunded` by `Order(…)` | by `text()` | `ORDER BY` | type
        for column, name in COLUMNS.items():
            program, sql, sort = await by_program(column), await by_text(column), await order(column)
            print(f"{name} | {program} | {sql} | {sort} | `{await type_of(column)}`")
            #> `Mapped[Status]` | refused | refused | declared | `status`
            #> `create_constraint=True` | refused | refused | alphabet | `varchar`
            #> `validate_strings=True` | refused | **unreadable** | alphabet | `varchar`
            #> neither of the two | **unreadable** | **unreadable** | alphabet | `varchar`
            #> `Mapped[Literal["open", …]]` | **unreadable** | **unreadable** | alphabet | `varchar`
            #> `String(9)` | stored | stored | alphabet | `varchar`
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
