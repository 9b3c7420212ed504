# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "alembic"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
ON_SQLITE = make_url(DATABASE_URL).get_backend_name() == "sqlite"
insert = sqlite.insert if ON_SQLITE else postgresql.insert


def prices(*arguments: Any) -> Table:
    columns = Column("sku", String), Column("deleted", Boolean)
    return Table("prices", MetaData(), *columns, *arguments)


async def create(engine: AsyncEngine, table: Table) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(table.metadata.drop_all)
        await connection.run_sync(table.metadata.create_all)


async def outcome(engine: AsyncEngine, statement: Any, rows: list[dict[str, str]] | None = None) -> str:
    try:
        async with engine.begin() as connection:
            await connection.execute(statement, rows)
    except DBAPIError as error:
        return str(error.orig)
    return "stored"


def proposed(connection: Connection, metadata: MetaData) -> list[str]:
    """What `alembic revision --autogenerate` would do, and `alembic check` reports."""
    context = MigrationContext.configure(connection)
    return [change[0] for change in compare_metadata(context, metadata) if isinstance(change, tuple)]


async def claim_create_all(engine: AsyncEngine) -> None:
    """`create_all` adds no constraint to a table that exists: an upsert that names its column is still refused."""
    await create(engine, prices())
    new = prices(UniqueConstraint("sku"))
    async with engine.begin() as connection:
        await connection.run_sync(new.metadata.create_all)
    upsert = insert(new).values(sku="tea").on_conflict_do_nothing(index_elements=["sku"])
    assert "ON CONFLICT" in await outcome(engine, upsert)
    await create(engine, new)
    assert await outcome(engine, upsert) == "stored"


async def claim_check(engine: AsyncEngine) -> None:
    """Autogenerate and `alembic check` report the missing constraint as `add_constraint`."""
    await create(engine, prices())
    new = prices(UniqueConstraint("sku", name="uq_prices_sku"))
    async with engine.connect() as connection:
        assert "add_constraint" in await connection.run_sync(proposed, new.metadata)
    await create(engine, new)
    async with engine.connect() as connection:
        assert "add_constraint" not in await connection.run_sync(proposed, new.metadata)


async def claim_without_target(engine: AsyncEngine) -> None:
    """Without `index_elements`, `on_conflict_do_nothing()` raises nothing on such a table, and stores the row twice."""
    table = prices()
    await create(engine, table)
    for _ in range(2):
        assert await outcome(engine, insert(table).values(sku="tea").on_conflict_do_nothing()) == "stored"
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(table)) == 2


async def claim_same_condition(engine: AsyncEngine) -> None:
    """`index_where=deleted.is_(False)` does not match an index whose condition is `deleted == False`."""
    table = prices()
    active = table.c.deleted == False  # noqa: E712
    Index("ix_prices", table.c.sku, unique=True, postgresql_where=active, sqlite_where=active)
    await create(engine, table)
    row, elements = insert(table).values(sku="tea", deleted=False), ["sku"]
    other = row.on_conflict_do_nothing(index_elements=elements, index_where=table.c.deleted.is_(False))
    same = row.on_conflict_do_nothing(index_elements=elements, index_where=active)
    assert "ON CONFLICT" in await outcome(engine, other)
    assert await outcome(engine, same) == "stored"


async def claim_deferrable(engine: AsyncEngine) -> None:
    """A deferrable constraint is refused with a text of its own: "ON CONFLICT does not support deferrable unique constraints"."""
    assert not ON_SQLITE, "SQLite has no deferrable unique constraints"
    table = prices(UniqueConstraint("sku", deferrable=True))
    await create(engine, table)
    statement = insert(table).values(sku="tea").on_conflict_do_nothing(index_elements=["sku"])
    assert "does not support deferrable unique constraints" in await outcome(engine, statement)


async def claim_index_by_name(engine: AsyncEngine) -> None:
    """`constraint=` takes a constraint. With the name of a unique index it raises `constraint "…" for table "…" does not exist`."""
    assert not ON_SQLITE, "SQLite's ON CONFLICT has no name of a constraint"
    table = prices(Index("ix_prices", "sku", unique=True))
    await create(engine, table)
    row = postgresql.insert(table).values(sku="tea")
    by_name = await outcome(engine, row.on_conflict_do_nothing(constraint="ix_prices"))
    assert 'constraint "ix_prices" for table "prices" does not exist' in by_name
    assert await outcome(engine, row.on_conflict_do_nothing(index_elements=["sku"])) == "stored"


async def claim_five_on_a_connection(engine: AsyncEngine) -> None:
    """The fifth upsert with such an `index_where` is stored, and the sixth on that connection is refused."""
    assert not ON_SQLITE, "SQLAlchemy sends no parameter there to SQLite"
    table = prices()
    Index("ix_prices", table.c.sku, unique=True, postgresql_where=table.c.sku != "")
    await create(engine, table)
    row = insert(table).values(sku="tea")
    upsert = row.on_conflict_do_nothing(index_elements=["sku"], index_where=table.c.sku != "")
    outcomes = [await outcome(engine, upsert) for _ in range(5)]
    assert set(outcomes) == {"stored"}
    assert "ON CONFLICT" in await outcome(engine, upsert), "the sixth is stored, too"


async def claim_list(engine: AsyncEngine) -> None:
    """With a list of rows in one `execute()`, each row counts: five on a new connection are stored, and six are refused."""
    assert not ON_SQLITE, "SQLAlchemy sends no parameter there to SQLite"
    table = prices()
    Index("ix_prices", table.c.sku, unique=True, postgresql_where=table.c.sku != "")
    await create(engine, table)
    upsert = insert(table).on_conflict_do_nothing(index_elements=["sku"], index_where=table.c.sku != "")
    rows = [{"sku": f"tea {number}"} for number in range(6)]
    assert await outcome(engine, upsert, rows[:5]) == "stored"
    await engine.dispose()
    assert "ON CONFLICT" in await outcome(engine, upsert, rows)


async def claim_other_condition(engine: AsyncEngine) -> None:
    """Autogenerate and `alembic check` report nothing if the partial index has another condition in the model, or none."""
    there, other, none = prices(), prices(), prices()
    for table, condition in ((there, there.c.sku != ""), (other, other.c.sku == "tea"), (none, None)):
        Index("ix_prices", table.c.sku, unique=True, postgresql_where=condition, sqlite_where=condition)
    await create(engine, there)
    async with engine.connect() as connection:
        assert await connection.run_sync(proposed, other.metadata) == []
        assert await connection.run_sync(proposed, none.metadata) == []


async def claim_generic_plan(engine: AsyncEngine) -> None:
    """With `plan_cache_mode = force_custom_plan`, twenty on one connection are stored."""
    assert not ON_SQLITE, "SQLite has no such setting"
    table = prices()
    Index("ix_prices", table.c.sku, unique=True, postgresql_where=table.c.sku != "")
    await create(engine, table)
    row = insert(table).values(sku="tea")
    upsert = row.on_conflict_do_nothing(index_elements=["sku"], index_where=table.c.sku != "")
    async with engine.begin() as connection:
        await connection.execute(text("SET plan_cache_mode = force_custom_plan"))
    outcomes = [await outcome(engine, upsert) for _ in range(20)]
    assert set(outcomes) == {"stored"}


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
