# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import Boolean, Column, Index, MetaData, String, Table, UniqueConstraint, func, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
ON_SQLITE = make_url(DATABASE_URL).get_backend_name() == "sqlite"
insert = sqlite.insert if ON_SQLITE else postgresql.insert


def prices(*arguments: Any) -> Table:
    columns = [Column(name, String) for name in ("shop", "sku")]
    return Table("prices", MetaData(), *columns, Column("deleted", Boolean), *arguments)


# --8<-- [start:tables]
NOTHING = prices()
INDEX = prices(Index("ix_prices", "sku"))
BOTH = prices(UniqueConstraint("shop", "sku"))
EACH = prices(UniqueConstraint("shop"), UniqueConstraint("sku"))
PARTIAL = prices()
ACTIVE = PARTIAL.c.deleted == False  # noqa: E712
Index("ix_prices", PARTIAL.c.sku, unique=True, postgresql_where=ACTIVE, sqlite_where=ACTIVE)
LOWER = prices()
Index("ix_prices", func.lower(LOWER.c.sku), unique=True)
# --8<-- [end:tables]


async def upsert(engine: AsyncEngine, table: Table, **target: Any) -> str:
    """What two upserts of one row end with."""
    statement = insert(table).values(shop="north", sku="tea", deleted=False)
    async with engine.begin() as connection:
        await connection.run_sync(table.metadata.drop_all)
        await connection.run_sync(table.metadata.create_all)
    try:
        for _ in range(2):
            async with engine.begin() as connection:
                await connection.execute(statement.on_conflict_do_update(set_={"shop": "south"}, **target))
    except DBAPIError as error:
        return "refused" if "ON CONFLICT" in str(error.orig) else str(error.orig)
    return "stored"


# --8<-- [start:table]
async def compare(engine: AsyncEngine) -> None:
    print("what is unique | `index_elements` | outcome")
    #> what is unique | `index_elements` | outcome
    print(f"nothing | `sku` | {await upsert(engine, NOTHING, index_elements=['sku'])}")
    #> nothing | `sku` | refused
    print(f"nothing, but `index=True` | `sku` | {await upsert(engine, INDEX, index_elements=['sku'])}")
    #> nothing, but `index=True` | `sku` | refused
    print(f"`shop` and `sku` together | `sku` | {await upsert(engine, BOTH, index_elements=['sku'])}")
    #> `shop` and `sku` together | `sku` | refused
    both = await upsert(engine, BOTH, index_elements=["sku", "shop"])
    print(f"`shop` and `sku` together | `sku`, `shop` | {both}")
    #> `shop` and `sku` together | `sku`, `shop` | stored
    each = await upsert(engine, EACH, index_elements=["shop", "sku"])
    print(f"`shop` alone, `sku` alone | `shop`, `sku` | {each}")
    #> `shop` alone, `sku` alone | `shop`, `sku` | refused
    print(f"`sku` where not deleted | `sku` | {await upsert(engine, PARTIAL, index_elements=['sku'])}")
    #> `sku` where not deleted | `sku` | refused
    partial = await upsert(engine, PARTIAL, index_elements=["sku"], index_where=ACTIVE)
    print(f"`sku` where not deleted | `sku`, with the same `index_where` | {partial}")
    #> `sku` where not deleted | `sku`, with the same `index_where` | stored
    print(f"`lower(sku)` | `sku` | {await upsert(engine, LOWER, index_elements=['sku'])}")
    #> `lower(sku)` | `sku` | refused
    lower = await upsert(engine, LOWER, index_elements=[func.lower(LOWER.c.sku)])
    print(f"`lower(sku)` | `lower(sku)` | {lower}")
    #> `lower(sku)` | `lower(sku)` | stored


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        await compare(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
