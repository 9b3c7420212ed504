# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: each row has the time at which the program started
import asyncio
import os
from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}


# --8<-- [start:model]
class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=datetime.now(UTC))


# --8<-- [end:model]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:store]
        first, second = Order(id=1), Order(id=2)
        async with session_factory.begin() as session:
            session.add(first)
        async with session_factory.begin() as session:
            session.add(second)
        print("same time:", first.created_at == second.created_at)
        #> same time: True
        # --8<-- [end:store]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
