# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: the loop reports success, and the order is not stored
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]


class Coupon(Base):
    __tablename__ = "coupons"

    code: Mapped[str] = mapped_column(primary_key=True)


def worth_a_retry(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


# --8<-- [start:retry]
Work = Callable[[AsyncSession], Awaitable[None]]


async def with_retry(session_factory: async_sessionmaker[AsyncSession], work: Work) -> None:
    for attempt in (1, 2, 3):
        try:
            async with session_factory.begin() as session:
                await work(session)
            return
        except DBAPIError as error:
            if attempt == 3 or not worth_a_retry(error):
                raise


# --8<-- [end:retry]


# --8<-- [start:order]
async def order(session: AsyncSession) -> None:
    session.add(Order(total=30))
    await session.flush()
    session.add(Coupon(code="SPRING"))
    try:
        await session.flush()
    except IntegrityError:
        print("this coupon was used before: no discount")
        #> this coupon was used before: no discount


# --8<-- [end:order]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Coupon(code="SPRING"))
        # --8<-- [start:check]
        outcome = "success"
        try:
            await with_retry(session_factory, order)
        except PendingRollbackError as error:
            outcome = type(error).__name__
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(Order))
        print(f"{outcome}, orders stored: {stored}")
        #> success, orders stored: 0
        assert stored or outcome != "success"
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
