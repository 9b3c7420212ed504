# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "alembic", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (each opens a SQLite in memory beside its PostgreSQL)
import asyncio
import os
import re
import sys

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Enum,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.schema import SchemaItem

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


def users(*columns: SchemaItem, name: str = "users", comment: str | None = None) -> MetaData:
    metadata = MetaData()
    Table("teams", metadata, Column("id", Integer, primary_key=True))
    Table(name, metadata, Column("id", Integer, primary_key=True), *columns, comment=comment)
    return metadata


def status(*values: str) -> MetaData:
    return users(Column("status", Enum(*values, name="status")))


def team(ondelete: str | None = None) -> MetaData:
    return users(Column("team_id", ForeignKey("teams.id", ondelete=ondelete, name="fk_users_team")))


def where(condition: str) -> Index:
    return Index("ix_age", "age", postgresql_where=text(condition), sqlite_where=text(condition))


def age() -> Column[int]:
    return Column("age", Integer)


# --8<-- [start:changes]
CHANGES = {
    "a new column": (users(), users(age())),
    "a renamed column": (users(age()), users(Column("years", Integer))),
    "a renamed table": (users(), users(name="people")),
    "Integer → BigInteger": (users(age()), users(Column("age", BigInteger))),
    "String(50) → String(100)": (users(Column("name", String(50))), users(Column("name", String(100)))),
    "DateTime → DateTime(timezone=True)": (
        users(Column("at", DateTime())), users(Column("at", DateTime(timezone=True)))),
    "nullable=False": (users(age()), users(Column("age", Integer, nullable=False))),
    "default=1": (users(age()), users(Column("age", Integer, default=1))),
    'server_default="1"': (users(age()), users(Column("age", Integer, server_default="1"))),
    "Identity()": (users(age()), users(Column("age", Integer, Identity()))),
    "index=True": (users(age()), users(Column("age", Integer, index=True))),
    "another where of an index": (
        users(age(), where("age > 1")), users(age(), where("age > 2"))),
    "unique=True": (users(age()), users(Column("age", Integer, unique=True))),
    "a new CheckConstraint": (users(age()), users(age(), CheckConstraint("age > 1", "ck_age"))),
    "another primary key": (
        users(Column("age", Integer, nullable=False)), users(Column("age", Integer, primary_key=True))),
    "a new ForeignKey": (users(Column("team_id", Integer)), team()),
    'ondelete="CASCADE"': (team(), team(ondelete="CASCADE")),
    "a new Enum value, longer": (status("NEW"), status("NEW", "REFUNDED")),
    "a new Enum value, as long": (status("NEW"), status("NEW", "OLD")),
    "a column's comment": (users(age()), users(Column("age", Integer, comment="in years"))),
}
# --8<-- [end:changes]


def written(connection: Connection, before: MetaData, after: MetaData) -> str:
    """The operations that autogenerate writes into `upgrade()`."""
    before.create_all(connection)
    options = {"target_metadata": after, "compare_server_default": True}
    context = MigrationContext.configure(connection, opts=options)
    upgrade = produce_migrations(context, after).upgrade_ops
    assert upgrade is not None
    found = re.findall(r"\bop\.(\w{2,})\(", render_python_code(upgrade))
    return ", ".join(found) or "nothing"


async def autogenerate(database: AsyncEngine, before: MetaData, after: MetaData) -> str:
    async with database.connect() as connection:
        upgrade = await connection.run_sync(written, before, after)
        await connection.rollback()
        return upgrade


# --8<-- [start:table]
async def compare(postgresql: AsyncEngine) -> None:
    print("the model has | on PostgreSQL, it writes | on SQLite")
    #> the model has | on PostgreSQL, it writes | on SQLite
    for change, (before, after) in CHANGES.items():
        sqlite = create_async_engine("sqlite+aiosqlite://")
        one = await autogenerate(postgresql, before, after)
        other = await autogenerate(sqlite, before, after)
        await sqlite.dispose()
        print(change, "|", one, "|", other)
        #> a new column | add_column | add_column
        #> a renamed column | add_column, drop_column | add_column, drop_column
        #> a renamed table | create_table, drop_table | create_table, drop_table
        #> Integer → BigInteger | alter_column | alter_column
        #> String(50) → String(100) | alter_column | alter_column
        #> DateTime → DateTime(timezone=True) | alter_column | nothing
        #> nullable=False | alter_column | alter_column
        #> default=1 | nothing | nothing
        #> server_default="1" | alter_column | alter_column
        #> Identity() | alter_column | alter_column
        #> index=True | create_index | create_index
        #> another where of an index | nothing | nothing
        #> unique=True | create_unique_constraint | create_unique_constraint
        #> a new CheckConstraint | nothing | nothing
        #> another primary key | nothing | nothing
        #> a new ForeignKey | create_foreign_key | create_foreign_key
        #> ondelete="CASCADE" | drop_constraint, create_foreign_key | drop_constraint, create_foreign_key
        #> a new Enum value, longer | nothing | alter_column
        #> a new Enum value, as long | nothing | nothing
        #> a column's comment | alter_column | nothing


# --8<-- [end:table]


async def main() -> None:
    postgresql = create_async_engine(DATABASE_URL)
    await compare(postgresql)
    await postgresql.dispose()


if __name__ == "__main__":
    asyncio.run(main())
