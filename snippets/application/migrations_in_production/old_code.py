# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:old]
class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [end:old]


# --8<-- [start:changes]
def rename(op: Operations) -> None:
    op.alter_column("users", "name", new_column_name="full_name")


def drop(op: Operations) -> None:
    op.drop_column("users", "name")


def add(op: Operations) -> None:
    op.add_column("users", sa.Column("full_name", sa.String))


def add_not_null(op: Operations) -> None:
    op.add_column("users", sa.Column("full_name", sa.String, nullable=False))


def add_not_null_with_default(op: Operations) -> None:
    op.add_column("users", sa.Column("full_name", sa.String, nullable=False, server_default=""))


def add_table(op: Operations) -> None:
    op.create_table("orders", sa.Column("id", sa.Integer, primary_key=True))


# --8<-- [end:changes]
CHANGES = (add_table, add, add_not_null, add_not_null_with_default, rename, drop)


async def works(engine: AsyncEngine, use: Callable[[AsyncSession], Awaitable[None]]) -> str:
    async with AsyncSession(engine) as session:
        try:
            await use(session)
        except DBAPIError:
            return "fails"
    return "works"


async def select(session: AsyncSession) -> None:
    (await session.scalars(sa.select(User))).all()


async def insert(session: AsyncSession) -> None:
    session.add(User(name="Grace"))
    await session.flush()


async def deploy(engine: AsyncEngine, change: Callable[[Operations], None]) -> str:
    async with engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE IF EXISTS orders"))
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(sa.insert(User).values(name="Ada"))

    def migrate(connection: sa.Connection) -> None:
        change(Operations(MigrationContext.configure(connection)))

    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except DBAPIError:
        return "fails | - | -"
    return f"works | {await works(engine, select)} | {await works(engine, insert)}"


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("the migration | on a table with rows | old SELECT | old INSERT")
    #> the migration | on a table with rows | old SELECT | old INSERT
    for change in CHANGES:
        print(change.__name__, "|", await deploy(engine, change))
        #> add_table | works | works | works
        #> add | works | works | works
        #> add_not_null | fails | - | -
        #> add_not_null_with_default | works | works | works
        #> rename | works | fails | fails
        #> drop | works | fails | fails


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    await compare(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
