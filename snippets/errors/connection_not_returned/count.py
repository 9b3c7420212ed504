# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import gc
import os
import re
import warnings
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:count]
async def count_orders(session_factory: async_sessionmaker[AsyncSession]) -> int | None:
    async with session_factory() as session:
        return await session.scalar(select(func.count()).select_from(Order))


# --8<-- [end:count]


def collected() -> Iterator[SAWarning]:
    """Collect garbage, as Python does by itself, and see what it complains of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gc.collect()
    for warning in caught:
        if isinstance(complaint := warning.message, SAWarning):
            # psycopg adds what you are connected to.
            complaint.args = (re.sub(r"(INTRANS\]) \(.*?\)", r"\1", str(complaint)),)
            yield complaint


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:later]
        await count_orders(async_sessionmaker(engine))
        for warning in collected():
            raise warning
        # --8<-- [end:later]
    finally:
        await engine.dispose()
        await asyncio.sleep(0.1)  # The thread of a lost aiosqlite connection ends a moment later.


if __name__ == "__main__":
    asyncio.run(main())
