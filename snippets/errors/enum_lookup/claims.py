# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import enum
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class PaymentStatus(enum.Enum):
    OPEN = "open"
    PAID = "paid"


class OtherStatus(enum.Enum):
    PAID = "paid"


class Payment(Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[PaymentStatus]


class Paper(enum.StrEnum):
    A4 = "a4"


class Printout(Base):
    __tablename__ = "printouts"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper: Mapped[Paper]


async def create_with_default(engine: AsyncEngine, default: str) -> str:
    class Own(DeclarativeBase):
        pass

    class PaymentKind(enum.Enum):
        CARD = "card"

    class Refund(Own):
        __tablename__ = "refunds"

        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[PaymentKind] = mapped_column(server_default=default)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(Own.metadata.drop_all)
            await connection.run_sync(Own.metadata.create_all)
            await connection.run_sync(Own.metadata.drop_all)
    except DBAPIError as error:
        return str(error)
    return "created"


async def claim_server_default(engine: AsyncEngine) -> None:
    """A `server_default` with the value, `"card"`, makes `CREATE TABLE` fail: `invalid input value for enum`. With the name, `"CARD"`, it works."""
    by_value, by_name = await create_with_default(engine, "card"), await create_with_default(engine, "CARD")
    assert by_name == "created"
    assert "invalid input value for enum paymentkind" in by_value


async def claim_new_member(engine: AsyncEngine) -> None:
    """A member that the code has and the native type does not is refused: `invalid input value for enum`. The message has the name, not the value."""
    async with engine.connect() as connection:
        await connection.execute(text("ALTER TYPE paymentstatus RENAME VALUE 'PAID' TO 'SETTLED'"))
        error = None
        try:
            await connection.execute(insert(Payment).values(status=PaymentStatus.PAID))
        except DBAPIError as raised:
            error = raised
    assert 'invalid input value for enum paymentstatus: "PAID"' in str(error)


async def claim_filter(engine: AsyncEngine) -> None:
    """A filter with a member of another enum class, `Payment.status == OtherStatus.PAID`, raises a `StatementError` with a `LookupError` in it."""
    error = None
    async with AsyncSession(engine) as session:
        try:
            await session.scalars(select(Payment).where(Payment.status == OtherStatus.PAID))
        except StatementError as raised:
            error = raised
    assert isinstance(error.orig if error else None, LookupError)
    assert "'OtherStatus.PAID' is not among the defined enum values" in str(error)


async def claim_frames(engine: AsyncEngine) -> None:
    """Reading an unknown word goes through `_object_value_for_elem`, and passing a member of another enum through `_db_value_for_elem`."""
    passed, read = "", ""
    async with AsyncSession(engine) as session:
        session.add(Payment(id=1, status=OtherStatus.PAID))
        try:
            await session.flush()
        except StatementError:
            passed = traceback.format_exc()
    async with engine.connect() as connection:
        unknown = text("SELECT 'paid' AS status").columns(Payment.status)
        try:
            (await connection.execute(unknown)).all()
        except LookupError:
            read = traceback.format_exc()
    assert ("_db_value_for_elem" in passed, "_object_value_for_elem" in passed) == (True, False)
    assert ("_db_value_for_elem" in read, "_object_value_for_elem" in read) == (False, True)


async def claim_str_enum(engine: AsyncEngine) -> None:
    """With a `StrEnum`, the value as a string works in the constructor and in a filter: `"a4"` is equal to its member. The column stores `A4`."""
    async with AsyncSession(engine) as session:
        session.add(Printout(id=1, paper="a4"))
        await session.flush()
        assert await session.scalar(text("SELECT paper FROM printouts")) == "A4"
        assert await session.scalar(select(Printout.id).where(Printout.paper == "a4")) == 1


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
