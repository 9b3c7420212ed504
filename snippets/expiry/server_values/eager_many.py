# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///

# ruff: noqa: RUF012
import asyncio
import os
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class EagerInvoice(Base):
    __tablename__ = "eager_invoices"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


# --8<-- [start:pay]
async def pay_all(session: AsyncSession) -> None:
    for invoice in (await session.scalars(select(Invoice))).all():
        invoice.status = "paid"
    await session.flush()

    for eager in (await session.scalars(select(EagerInvoice))).all():
        eager.status = "paid"
    await session.flush()


# --8<-- [end:pay]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            for key in (1, 2, 3):
                session.add_all([Invoice(id=key, status="open"), EagerInvoice(id=key, status="open")])
        async with session_factory.begin() as session:
            await pay_all(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
