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
        print(f"new session, in a transaction: {session.in_transaction()}")
        #> new session, in a transaction: False
        invoice = await session.get_one(Invoice, 1)
        print(f"after a SELECT: {session.in_transaction()}")
        #> after a SELECT: True
        invoice.state = "paid"
        await session.commit()
        print(f"after commit: {session.in_transaction()}")
        #> after commit: False


# --8<-- [end:pay]


# --8<-- [start:begin]
async def begin_early(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as session:
        state = "paid"
        invoice = await session.get_one(Invoice, 1)
        invoice.state = state


# --8<-- [end:begin]


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
        await begin_early(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
