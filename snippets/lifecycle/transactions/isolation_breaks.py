# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite cannot be asked for the level of a transaction)
# raises: AssertionError
# silent: a warning, and the transaction runs at the default level
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


async def level(session: AsyncSession) -> str:
    return str(await session.scalar(text("SHOW transaction_isolation")))


# --8<-- [start:pay]
async def pay(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        invoice = await session.get_one(Invoice, 1)
        await session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        assert await level(session) == "serializable"
        invoice.state = "paid"
        await session.commit()
        print(f"the next transaction: {await level(session)}")


# --8<-- [end:pay]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await pay(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
