# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
import asyncio

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]


# --8<-- [start:shared]
URL = "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true"


async def two_sessions(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as ada, AsyncSession(engine) as grace:
        ada.add(Order(customer="Ada"))
        await ada.flush()
        grace.add(Order(customer="Grace"))
        try:
            await grace.flush()
        except OperationalError as error:
            print(error.orig)
            #> database table is locked


# --8<-- [end:shared]


async def main() -> None:
    engine = create_async_engine(URL, connect_args={"timeout": 10})
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await two_sessions(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
