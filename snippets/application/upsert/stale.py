# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

insert: Any = sqlite.insert if DATABASE_URL.startswith("sqlite") else postgresql.insert


class Base(DeclarativeBase):
    pass


class Price(Base):
    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    cents: Mapped[int]


# --8<-- [start:set]
async def set_price(session: AsyncSession, sku: str, cents: int) -> Price:
    statement = insert(Price).values(sku=sku, cents=cents)
    statement = statement.on_conflict_do_update(
        index_elements=[Price.sku], set_={"cents": statement.excluded.cents}
    ).returning(Price)
    fresh = {"populate_existing": True}
    price: Price = (await session.scalars(statement, execution_options=fresh)).one()
    return price


# --8<-- [end:set]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            await set_price(session, "tea", 300)
        # --8<-- [start:call]
        async with session_factory.begin() as session:
            before = (await session.scalars(select(Price))).one()  # 300
            after = await set_price(session, "tea", 350)
            print(after.cents, after is before)
            #> 350 True
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
