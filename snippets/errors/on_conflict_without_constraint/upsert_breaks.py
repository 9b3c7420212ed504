# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.ProgrammingError, sqlalchemy.exc.OperationalError
import asyncio
import os

from sqlalchemy import UniqueConstraint, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
ON_SQLITE = make_url(DATABASE_URL).get_backend_name() == "sqlite"
insert = sqlite.insert if ON_SQLITE else postgresql.insert


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Price(Base):
    __tablename__ = "prices"
    __table_args__ = (UniqueConstraint("shop_id", "sku"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int]
    sku: Mapped[str]
    cents: Mapped[int]


# --8<-- [end:model]


# --8<-- [start:set]
async def set_price(session: AsyncSession, cents: int) -> None:
    statement = insert(Price).values(shop_id=7, sku="tea", cents=cents)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[Price.sku],
            set_={"cents": statement.excluded.cents},
        )
    )
    await session.commit()
    print("stored", cents)


# --8<-- [end:set]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine)() as session:
            await set_price(session, 300)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
