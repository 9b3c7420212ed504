# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no enum types)
import asyncio
import os
import sys

from sqlalchemy import Enum, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

BEFORE = ("DROP TABLE IF EXISTS shipments", "DROP TYPE IF EXISTS shipment_status")
# --8<-- [start:table]
TABLE = (
    "CREATE TYPE shipment_status AS ENUM ('new', 'sent')",
    "CREATE TABLE shipments (id INTEGER PRIMARY KEY, status shipment_status)",
)
# --8<-- [end:table]


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Shipment(Base):
    __tablename__ = "shipments"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(Enum("new", "sent", name="shipment_status"))


# --8<-- [end:model]


# --8<-- [start:store]
async def store(session: AsyncSession) -> None:
    session.add(Shipment(id=1, status="sent"))
    await session.commit()


# --8<-- [end:store]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            for statement in BEFORE + TABLE:
                await connection.execute(text(statement))
        async with async_sessionmaker(engine)() as session:
            await store(session)
    finally:
        async with engine.begin() as connection:
            for statement in BEFORE:
                await connection.execute(text(statement))
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
