# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# --8<-- [start:work]
async def remind(session_factory: async_sessionmaker[AsyncSession], invoice_id: int) -> None:
    async with session_factory.begin() as session:
        invoice = await session.get_one(Invoice, invoice_id)
        invoice.state = "reminded"


async def remind_all(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        ids = (await session.scalars(select(Invoice.id).where(Invoice.state == "open"))).all()
    for invoice_id in ids:
        await remind(session_factory, invoice_id)


# --8<-- [end:work]


async def create_tables() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add_all([Invoice(id=1), Invoice(id=2)])
    await engine.dispose()


# --8<-- [start:main]
async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await remind_all(async_sessionmaker(engine))
    finally:
        await engine.dispose()


# --8<-- [end:main]


if __name__ == "__main__":
    asyncio.run(create_tables())
    asyncio.run(main())
