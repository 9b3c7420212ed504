# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from datetime import datetime

from sqlalchemy import Computed, func, inspect, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class OrderLine(Base):
    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str]
    price: Mapped[int]
    doubled: Mapped[int] = mapped_column(Computed("price * 2", persisted=True))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


def expired(line: OrderLine) -> list[str]:
    return sorted(inspect(line).expired_attributes)


# --8<-- [start:when]
async def change(session: AsyncSession, line: OrderLine) -> None:
    line.note = "gift"
    await session.flush()
    print("another column changed:", expired(line))
    #> another column changed: ['doubled', 'updated_at']

    await session.refresh(line)
    line.note = "gift"
    await session.flush()
    print("the same value assigned:", expired(line))
    #> the same value assigned: []

    line.note = "no gift"
    line.updated_at = datetime(2026, 1, 1)
    await session.flush()
    print("updated_at assigned as well:", expired(line))
    #> updated_at assigned as well: ['doubled']

    await session.refresh(line)
    await session.execute(update(OrderLine).values(note="sold"))
    print("changed by update():", expired(line))
    #> changed by update(): ['doubled', 'updated_at']

    await session.refresh(line)
    unsynchronized = update(OrderLine).execution_options(synchronize_session=False)
    await session.execute(unsynchronized.values(note="returned"))
    print("by update(), not synchronized:", expired(line))
    #> by update(), not synchronized: []


# --8<-- [end:when]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory() as session:
            line = OrderLine(id=1, note="", price=250)
            session.add(line)
            await session.commit()
            await change(session, line)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
