# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg"]
# ///
# drivers: asyncpg (it is about asyncpg's add_listener)
import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

import asyncpg
from sqlalchemy import func, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
DSN = make_url(DATABASE_URL).set(drivername="postgresql").render_as_string(hide_password=False)

class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:listen]
async def listen(session_factory: async_sessionmaker[AsyncSession], heard: Callable[..., None]) -> Any:
    async with session_factory() as session:
        connection = await asyncpg.connect(DSN)
        await connection.add_listener("orders", heard)
        known = (await session.scalars(select(Order.id))).all()
        print("there before:", known)
        #> there before: [1]
    return connection


# --8<-- [end:listen]


# --8<-- [start:place]
async def place_order(session_factory: async_sessionmaker[AsyncSession], order_id: int) -> None:
    async with session_factory.begin() as session:
        session.add(Order(id=order_id))
        await session.execute(select(func.pg_notify("orders", str(order_id))))


# --8<-- [end:place]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await place_order(session_factory, 1)
        # --8<-- [start:hear]
        payloads = []
        listening = await listen(session_factory, lambda *event: payloads.append(event[-1]))
        await place_order(session_factory, 2)
        channels = await listening.fetch("SELECT * FROM pg_listening_channels()")
        print("channels:", [row[0] for row in channels], "heard:", payloads)
        #> channels: ['orders'] heard: ['2']
        # --8<-- [end:hear]
        await listening.close()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
