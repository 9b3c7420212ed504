# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "psycopg[binary]"]
# ///
# drivers: psycopg (it is about psycopg's notifies)
# unrecorded: the listener and the server that ends its connection run at once
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import psycopg
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)
DSN = make_url(DATABASE_URL).set(drivername="postgresql").render_as_string(hide_password=False)

class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen: Mapped[bool] = mapped_column(default=False)


Pause = Callable[[], Awaitable[object]]


# --8<-- [start:listener]
async def listen_for_ever(
    session_factory: async_sessionmaker[AsyncSession], woken: asyncio.Queue[int], pause: Pause
) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(DSN, autocommit=True) as connection:
                await connection.execute("LISTEN orders")
                await catch_up(session_factory, woken)
                async for _ in connection.notifies():
                    await catch_up(session_factory, woken)
        except (psycopg.OperationalError, SQLAlchemyError):
            await pause()  # In your application: asyncio.sleep, longer each time.


async def catch_up(session_factory: async_sessionmaker[AsyncSession], woken: asyncio.Queue[int]) -> None:
    async with session_factory.begin() as session:
        for order in await session.scalars(select(Order).where(Order.seen.is_(False)).order_by(Order.id)):
            woken.put_nowait(order.id)
            order.seen = True


# --8<-- [end:listener]


async def place_order(session_factory: async_sessionmaker[AsyncSession], order_id: int) -> None:
    async with session_factory.begin() as session:
        session.add(Order(id=order_id))
        await session.execute(select(func.pg_notify("orders", str(order_id))))


LISTENERS = "FROM pg_stat_activity WHERE query = 'LISTEN orders' AND state = 'idle' AND datname = current_database()"


async def until_it_listens(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        while not await session.scalar(text(f"SELECT count(*) {LISTENERS}")):
            await session.commit()
            await asyncio.sleep(0.01)


async def end_listener(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await session.execute(text(f"SELECT pg_terminate_backend(pid, 10000) {LISTENERS}"))


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        woken: asyncio.Queue[int] = asyncio.Queue()
        back = asyncio.Event()
        listener = asyncio.create_task(listen_for_ever(session_factory, woken, back.wait))
        # --8<-- [start:lost]
        await until_it_listens(session_factory)
        await place_order(session_factory, 1)
        print("heard:", await woken.get())
        #> heard: 1
        await end_listener(session_factory)
        await place_order(session_factory, 2)
        back.set()
        await until_it_listens(session_factory)
        await place_order(session_factory, 3)
        print("heard after that:", await woken.get())
        #> heard after that: 2
        # --8<-- [end:lost]
        listener.cancel()
        await asyncio.wait([listener])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
