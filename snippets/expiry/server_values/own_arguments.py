# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///

# ruff: noqa: RUF012
import asyncio
import os
from datetime import datetime
from typing import Any

from sqlalchemy import func, inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Base(DeclarativeBase):
    __mapper_args__: dict[str, Any] = {"eager_defaults": True}


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Receipt(Base):
    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {**Base.__mapper_args__, "version_id_col": version}


# --8<-- [end:model]


# --8<-- [start:pay]
async def pay(session: AsyncSession, invoice: Invoice, receipt: Receipt) -> None:
    invoice.status = receipt.status = "paid"
    await session.flush()
    print("its own arguments:", sorted(inspect(invoice).expired_attributes))
    #> its own arguments: ['updated_at']
    print("with those of the base:", sorted(inspect(receipt).expired_attributes))
    #> with those of the base: []


# --8<-- [end:pay]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory() as session:
            invoice, receipt = Invoice(id=1, status="open"), Receipt(id=1, status="open")
            session.add_all([invoice, receipt])
            await session.commit()
            await pay(session, invoice, receipt)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
