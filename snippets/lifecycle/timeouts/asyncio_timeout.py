# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# --8<-- [start:slow]
# Counts to six million, on either database: a query that takes seconds.
SLOW = text(
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 6000000)"
    " SELECT max(n) FROM counter"
)
# --8<-- [end:slow]


# --8<-- [start:report]
async def report(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        try:
            async with asyncio.timeout(0.1):
                await session.execute(SLOW)
        except TimeoutError:
            await session.rollback()
            print("the report is late")
            #> the report is late
        invoice = await session.get_one(Invoice, 1)
        print(invoice.state)
        #> open


# --8<-- [end:report]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await report(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
