# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# --8<-- [start:pay]
async def pay(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        invoice = await session.get_one(Invoice, 1)
        invoice.state = "paid"
        await session.flush()
        await session.rollback()
        invoice = await session.get_one(Invoice, 1)
        print(f"after the rollback: {invoice.state}")
        #> after the rollback: paid


# --8<-- [end:pay]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:factory]
        session_factory = async_sessionmaker(engine)
        autocommit = async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))
        # --8<-- [end:factory]
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await pay(autocommit)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
