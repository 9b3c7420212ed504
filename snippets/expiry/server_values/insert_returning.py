# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from datetime import datetime

from sqlalchemy import Computed, Identity, func
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class OrderLine(Base):
    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    price: Mapped[int]
    quantity: Mapped[int] = mapped_column(server_default="1")
    total: Mapped[int] = mapped_column(Computed("price * quantity", persisted=True))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


# --8<-- [end:model]


# --8<-- [start:insert]
async def add_line(session_factory: async_sessionmaker[AsyncSession]) -> OrderLine:
    async with session_factory() as session:
        line = OrderLine(price=250)
        session.add(line)
        await session.commit()
    return line


async def show_line(session_factory: async_sessionmaker[AsyncSession]) -> None:
    line = await add_line(session_factory)
    print(line.id, line.quantity, line.total, type(line.created_at).__name__)
    #> 1 1 250 datetime


# --8<-- [end:insert]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await show_line(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
