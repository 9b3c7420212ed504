# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:report]
class Report:
    """One of these is made for each request, and something keeps it: a cache, a list, a task."""

    def __init__(self, session_factory: async_sessionmaker[AsyncSession]) -> None:
        self.session = session_factory()

    async def count_orders(self) -> int:
        async with self.session:
            return await self.session.scalar(select(func.count()).select_from(Order)) or 0


# --8<-- [end:report]


async def main() -> None:
    # --8<-- [start:requests]
    engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0, pool_timeout=0.2)
    session_factory = async_sessionmaker(engine)
    reports = [Report(session_factory) for _ in range(3)]
    # --8<-- [end:requests]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:exhaust]
        for report in reports:
            await report.count_orders()
        print("three requests, two connections")
        #> three requests, two connections
        # --8<-- [end:exhaust]
    finally:
        for report in reports:
            await report.session.close()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
