# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no native ENUM)
import asyncio
import enum
import os
import sys
from typing import Any

from sqlalchemy import Enum
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class PaymentStatus(enum.Enum):
    OPEN = "open"
    PAID = "paid"


class Strings(enum.StrEnum):
    OPEN = "open"
    PAID = "paid"


class OtherStatus(enum.Enum):
    PAID = "paid"


class Payment(Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    native: Mapped[PaymentStatus | None]
    strings: Mapped[Strings | None]
    strict: Mapped[PaymentStatus | None] = mapped_column(
        Enum(PaymentStatus, native_enum=False, validate_strings=True)
    )
    loose: Mapped[PaymentStatus | None] = mapped_column(Enum(PaymentStatus, native_enum=False))


# --8<-- [end:model]
PASSED: dict[str, Any] = {
    "a member": PaymentStatus.PAID,
    '`"PAID"`': "PAID",
    '`"paid"`': "paid",
    '`""`': "",
    "`OtherStatus.PAID`": OtherStatus.PAID,
    "`1`": 1,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine)

    async def outcome(column: str, value: Any) -> str:
        if value is PaymentStatus.PAID and column == "strings":
            value = Strings.PAID
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        try:
            async with session_factory.begin() as session:
                session.add(Payment(id=1, **{column: value}))
        except StatementError as error:
            where = "flush" if isinstance(error.orig, LookupError) else "database"
            return f"refused: {where}"
        async with session_factory() as session:
            try:
                await session.get_one(Payment, 1)
            except LookupError:
                return "**unreadable**"
        return "stored"

    try:
        # --8<-- [start:table]
        print("passed | native `ENUM` | of a `StrEnum` | `validate_strings=True` | neither")
        #> passed | native `ENUM` | of a `StrEnum` | `validate_strings=True` | neither
        for shown, value in PASSED.items():
            columns = [await outcome(column, value) for column in ("native", "strings", "strict", "loose")]
            print(f"{shown} | {' | '.join(columns)}")
            #> a member | stored | stored | stored | stored
            #> `"PAID"` | stored | stored | stored | stored
            #> `"paid"` | refused: database | stored | refused: flush | **unreadable**
            #> `""` | refused: database | refused: database | refused: flush | **unreadable**
            #> `OtherStatus.PAID` | refused: flush | refused: flush | refused: flush | refused: flush
            #> `1` | refused: flush | refused: flush | refused: flush | refused: flush
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
