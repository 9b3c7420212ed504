# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLAlchemy sends no parameter in this place to SQLite)
import asyncio
import os
import sys

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Offer(Base):
    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    state: Mapped[str]
    cents: Mapped[int]


Index("one_open_offer", Offer.sku, unique=True, postgresql_where=Offer.state == "open")
# --8<-- [end:model]


# --8<-- [start:set]
async def set_offer(connection: AsyncConnection, cents: int) -> None:
    statement = insert(Offer).values(sku="tea", state="open", cents=cents)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[Offer.sku],
            index_where=text("state = 'open'"),
            set_={"cents": statement.excluded.cents},
        )
    )
    await connection.commit()


# --8<-- [end:set]


# --8<-- [start:many]
async def many(connection: AsyncConnection) -> None:
    for cents in range(1, 12):
        await set_offer(connection, cents)
    print("the last one:", cents)
    #> the last one: 11


# --8<-- [end:many]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with engine.connect() as connection:
            await many(connection)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
