# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.IntegrityError
import asyncio
import os
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# --8<-- [start:insert]
insert: Any = sqlite.insert if DATABASE_URL.startswith("sqlite") else postgresql.insert
# --8<-- [end:insert]


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Price(Base):
    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    cents: Mapped[int]


# --8<-- [end:model]


# --8<-- [start:set]
async def set_price(session: AsyncSession, sku: str, cents: int) -> None:
    price = (await session.scalars(select(Price).where(Price.sku == sku))).one_or_none()
    if price is None:
        session.add(Price(sku=sku, cents=cents))
    else:
        price.cents = cents


# --8<-- [end:set]


# --8<-- [start:both]
async def both(session_factory: async_sessionmaker[AsyncSession], insert_sent: asyncio.Event) -> None:
    async with session_factory() as ada, session_factory() as grace:
        await set_price(ada, "tea", 300)
        insert_sent.clear()
        for_grace = asyncio.create_task(set_price(grace, "tea", 350))
        sent = asyncio.create_task(insert_sent.wait())
        await asyncio.wait([for_grace, sent], return_when=asyncio.FIRST_COMPLETED)
        await ada.commit()
        await for_grace
        sent.cancel()
        await grace.commit()


# --8<-- [end:both]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    insert_sent = asyncio.Event()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT"):
            insert_sent.set()

    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await both(session_factory, insert_sent)
        # --8<-- [start:stored]
        async with session_factory() as session:
            print((await session.scalars(select(Price.cents))).all())
        # --8<-- [end:stored]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
