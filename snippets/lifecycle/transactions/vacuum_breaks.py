# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (sqlite3 begins no transaction before this statement)
# raises: sqlalchemy.exc.DBAPIError, sqlalchemy.exc.InternalError
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
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


# --8<-- [start:tidy]
async def tidy(engine: AsyncEngine) -> None:
    autocommit = engine.execution_options(isolation_level="READ COMMITTED")
    async with autocommit.connect() as connection:
        await connection.execute(text("VACUUM invoices"))


# --8<-- [end:tidy]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await tidy(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
