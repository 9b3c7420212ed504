# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# raises: sqlalchemy.exc.NotSupportedError
# drivers: asyncpg, psycopg (SQLite has no statements prepared on a server)
import asyncio
import os
import sys

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:read]
async def read(application: AsyncEngine) -> str:
    async with AsyncSession(application) as session, session.begin():
        return (await session.scalars(select(User.name))).one()


# --8<-- [end:read]


# --8<-- [start:migrate]
async def serve_and_migrate(application: AsyncEngine, migration: AsyncEngine) -> None:
    for _ in range(6):  # psycopg prepares a statement when it is executed the sixth time.
        await read(application)

    async with migration.begin() as connection:
        await connection.execute(text("ALTER TABLE users ALTER COLUMN name TYPE TEXT"))

    name = await read(application)
    print(name)


# --8<-- [end:migrate]


async def main() -> None:
    # --8<-- [start:engines]
    migration = create_async_engine(DATABASE_URL)
    application = create_async_engine(DATABASE_URL)
    # --8<-- [end:engines]
    try:
        async with migration.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(text("INSERT INTO users VALUES (1, 'Ada')"))
        await serve_and_migrate(application, migration)
    finally:
        await application.dispose()
        await migration.dispose()


if __name__ == "__main__":
    asyncio.run(main())
