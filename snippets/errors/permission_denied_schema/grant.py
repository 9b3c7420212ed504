# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no roles)
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Parcel(Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:create]
async def create_tables(superuser: AsyncConnection) -> None:
    await superuser.execute(text("CREATE ROLE parcel_app"))
    await superuser.execute(text("GRANT CREATE ON SCHEMA public TO parcel_app"))
    await superuser.execute(text("SET LOCAL ROLE parcel_app"))
    await superuser.run_sync(Base.metadata.create_all)


# --8<-- [end:create]


async def as_since_15(superuser: AsyncConnection) -> None:
    """The privileges of `public` in a new database, whatever they are in this one."""
    await superuser.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))
    await superuser.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.connect() as connection:  # It commits nothing: the role is gone at the end.
            await connection.execute(text("DROP TABLE IF EXISTS parcels"))
            await as_since_15(connection)
            await create_tables(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
