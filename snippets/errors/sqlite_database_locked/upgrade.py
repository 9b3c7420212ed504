# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
import asyncio
import os
from time import monotonic
from typing import Any

from sqlalchemy import Connection, event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]


# --8<-- [start:begin]
def real_transactions(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def leave_begin_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


# --8<-- [end:begin]


# --8<-- [start:upgrade]
async def read_then_write(ada: AsyncSession, grace: AsyncSession) -> None:
    await ada.scalar(select(func.count()).select_from(Order))
    ada.add(Order(customer="Ada"))
    await grace.scalar(select(func.count()).select_from(Order))
    await ada.flush()
    grace.add(Order(customer="Grace"))
    started = monotonic()
    try:
        await grace.flush()
    except OperationalError as error:
        print(f"{error.orig}, after waiting for a while: {monotonic() - started > 5}")
        #> database is locked, after waiting for a while: False


# --8<-- [end:upgrade]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, connect_args={"timeout": 10})
    real_transactions(engine)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as ada, AsyncSession(engine) as grace:
            await read_then_write(ada, grace)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
