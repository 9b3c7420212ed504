# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (it ends a connection of the server)
# raises: AssertionError
# silent: one of the two rows is stored
# unrecorded: the two commits have no fixed order
import asyncio
import os
import sys

from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)


shop = create_async_engine(DATABASE_URL)
billing = create_async_engine(DATABASE_URL)  # In your application, another database.
commits = 0


# --8<-- [start:lost]
@event.listens_for(shop.sync_engine, "commit")
@event.listens_for(billing.sync_engine, "commit")
def lose_the_second(connection: Connection) -> None:
    """The server goes away between two commits."""
    global commits
    commits += 1
    if commits == 2:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


# --8<-- [end:lost]


# --8<-- [start:order]
async def place_order() -> None:
    async with AsyncSession(binds={Order: shop, Invoice: billing}) as session:
        session.add_all([Order(id=1), Invoice(id=1)])
        await session.commit()


# --8<-- [end:order]


async def main() -> None:
    global commits
    try:
        async with shop.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        commits = 0
        # --8<-- [start:count]
        try:
            await place_order()
        except DBAPIError as error:
            print("the connection is lost:", error.connection_invalidated)
            #> the connection is lost: True
        async with shop.connect() as connection:
            orders = await connection.scalar(select(func.count()).select_from(Order))
            invoices = await connection.scalar(select(func.count()).select_from(Invoice))
        assert orders is not None and invoices is not None
        print(f"{orders + invoices} of 2 rows are stored")
        #> 1 of 2 rows are stored
        assert orders == invoices
        # --8<-- [end:count]
    finally:
        await shop.dispose()
        await billing.dispose()


if __name__ == "__main__":
    asyncio.run(main())
