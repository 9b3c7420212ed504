# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

insert: Any = sqlite.insert if DATABASE_URL.startswith("sqlite") else postgresql.insert


class Base(DeclarativeBase):
    pass


class Parcel(Base):
    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]


# --8<-- [start:model]
class Handled(Base):
    __tablename__ = "handled_messages"

    message_id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [end:model]


# --8<-- [start:consume]
async def consume(session: AsyncSession, message_id: int, order_id: int) -> None:
    new = insert(Handled).values(message_id=message_id).on_conflict_do_nothing()
    if await session.scalar(new.returning(Handled.message_id)) is None:
        return
    session.add(Parcel(order_id=order_id))
    await session.commit()


# --8<-- [end:consume]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        for _ in range(2):
            async with session_factory() as session:
                await consume(session, message_id=17, order_id=1)
        # --8<-- [start:count]
        async with session_factory() as session:
            print("parcels:", await session.scalar(select(func.count()).select_from(Parcel)))
            #> parcels: 1
        # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
