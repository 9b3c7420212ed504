# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class Subscription(Base):
    __tablename__ = "subscriptions"

    address: Mapped[str] = mapped_column(primary_key=True)


async def order_and_subscribe(session: AsyncSession) -> None:
    session.add_all([Order(id=1), Subscription(address="ada@example.com")])
    await session.flush()


async def orders(engine: AsyncEngine) -> int | None:
    async with AsyncSession(engine) as session:
        return await session.scalar(select(func.count()).select_from(Order))


async def claim_core_statement(engine: AsyncEngine) -> None:
    """If your code catches the error of `session.execute(insert(…))`, a written-out `commit()` raises nothing, and what was written before is lost."""
    async with AsyncSession(engine) as session:
        await order_and_subscribe(session)
        with suppress(IntegrityError):
            await session.execute(insert(Subscription).values(address="ada@example.com"))
        await session.commit()
    assert await orders(engine) == 0, "the order is stored"


async def claim_savepoint_around_core_statement(engine: AsyncEngine) -> None:
    """With `begin_nested()` around that statement, inside the `try`, the commit stores what was written before."""
    async with AsyncSession(engine) as session:
        await order_and_subscribe(session)
        error = None
        try:
            async with session.begin_nested():
                await session.execute(insert(Subscription).values(address="ada@example.com"))
        except IntegrityError as raised:
            error = raised
        assert error is not None
        await session.commit()
    assert await orders(engine) == 1


async def claim_second_begin(engine: AsyncEngine) -> None:
    """Inside such a block, before a commit or a rollback, a second `session.begin()` raises `A transaction is already begun on this Session`."""
    async with AsyncSession(engine) as session, session.begin():
        error = None
        try:
            await session.begin()
        except InvalidRequestError as raised:
            error = raised
        assert "A transaction is already begun on this Session." in str(error)


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
