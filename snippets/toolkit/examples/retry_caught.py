# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from contextlib import suppress

from retry import retrying
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class Coupon(Base):
    __tablename__ = "coupons"

    code: Mapped[str] = mapped_column(primary_key=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine)


async def count_orders() -> int:
    async with session_factory() as session:
        return await session.scalar(select(func.count()).select_from(Order)) or 0


# --8<-- [start:functions]
@retrying(session_factory)
async def order(session: AsyncSession) -> None:
    session.add(Order())
    session.add(Coupon(code="SPRING"))
    try:
        await session.flush()
    except IntegrityError:
        print("this coupon was used before: no discount")
        #> this coupon was used before: no discount


@retrying(session_factory)
async def order_in_a_block(session: AsyncSession) -> None:
    async with session.begin():  # It ends without a commit, and without an error.
        session.add_all([Order(), Coupon(code="SPRING")])
        with suppress(IntegrityError):
            await session.flush()


@retrying(session_factory)
async def order_with_a_savepoint(session: AsyncSession) -> None:
    session.add(Order())
    try:
        async with session.begin_nested():
            session.add(Coupon(code="SPRING"))
    except IntegrityError:
        print("this coupon was used before: no discount")
        #> this coupon was used before: no discount


# --8<-- [end:functions]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Coupon(code="SPRING"))
        # --8<-- [start:calls]
        for fails in (order, order_in_a_block):
            try:
                await fails()
            except PendingRollbackError as error:
                print(type(error).__name__, "from", type(error.__cause__).__name__)
                #> PendingRollbackError from IntegrityError
                #> PendingRollbackError from IntegrityError
        await order_with_a_savepoint()
        print("orders:", await count_orders())
        #> orders: 1
        # --8<-- [end:calls]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
