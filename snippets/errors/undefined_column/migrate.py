# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

last_release = MetaData()
Table("users", last_release, Column("id", Integer, primary_key=True), Column("name", String))


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    nickname: Mapped[str | None]  # New: the table in the database has no such column.


# --8<-- [end:model]


# --8<-- [start:upgrade]
def upgrade(op: Operations) -> None:
    op.add_column("users", Column("nickname", String))


# --8<-- [end:upgrade]


def migrate(connection: Connection) -> None:
    upgrade(Operations(MigrationContext.configure(connection)))


# --8<-- [start:read]
async def read(session: AsyncSession) -> None:
    print((await session.scalars(select(User))).all())
    #> []


# --8<-- [end:read]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(last_release.create_all)
        # --8<-- [start:start]
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
        # --8<-- [end:start]
        async with async_sessionmaker(engine)() as session:
            await read(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
