# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey
from sqlalchemy.exc import NoReferencedTableError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


# --8<-- [end:model]


# --8<-- [start:create]
async def create_tables(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


# --8<-- [end:create]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        # --8<-- [start:run]
        try:
            await create_tables(engine)
        except NoReferencedTableError as error:
            print(str(error).partition(" with which")[0])
            #> Foreign key associated with column 'orders.customer_id' could not find table 'customers'
        # --8<-- [end:run]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
