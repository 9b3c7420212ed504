# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "arq>=0.26", "fakeredis>=2.30", "redis",
# ]
# ///
# silent: the job has succeeded, the customer has paid, and the order is still new
import asyncio
import logging
import os
from typing import Any
from unittest.mock import AsyncMock, patch

from arq.connections import ArqRedis
from arq.jobs import Job
from arq.worker import Worker
from fakeredis import FakeAsyncRedisConnection, FakeServer
from redis.asyncio import ConnectionPool
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="new")


class Provider:
    """The payment provider: order 1 takes it some time, and order 2 is refused."""

    def __init__(self) -> None:
        self.asked, self.answer = asyncio.Event(), asyncio.Event()

    async def charge(self, order_id: int) -> None:
        if order_id == 2:
            raise ValueError("the card has expired")
        self.asked.set()
        await self.answer.wait()


# --8<-- [start:hooks]
async def startup(ctx: dict[str, Any]) -> None:
    ctx["engine"] = create_async_engine(DATABASE_URL)
    ctx["session"] = AsyncSession(ctx["engine"], expire_on_commit=False)


async def shutdown(ctx: dict[str, Any]) -> None:
    await ctx["session"].close()
    await ctx["engine"].dispose()


# --8<-- [end:hooks]


# --8<-- [start:job]
async def charge(ctx: dict[str, Any], order_id: int) -> None:
    await pay(ctx["session"], ctx["provider"], order_id)


async def pay(session: AsyncSession, provider: Provider, order_id: int) -> None:
    order = await session.get_one(Order, order_id)
    order.state = "paid"
    try:
        await provider.charge(order_id)
    except ValueError:
        await session.rollback()
        raise
    await session.commit()


# --8<-- [end:job]


class FakeArqRedis(ArqRedis):
    """A Redis in this process. Yours: `await create_pool(RedisSettings(…))`."""

    def __init__(self) -> None:
        super().__init__(ConnectionPool(connection_class=FakeAsyncRedisConnection, server=FakeServer()))

    async def close(self, close_connection_pool: bool | None = None) -> None:
        await self.aclose(close_connection_pool)  # Without the warning of redis-py, which has renamed it.


async def outcome(job: Job | None) -> str:
    assert job is not None
    try:
        await job.result(poll_delay=0.01)
    except ValueError as error:
        return f"failed: {error}"
    return "succeeded"


async def create_orders() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with async_sessionmaker(engine).begin() as session:
        session.add_all([Order(id=1), Order(id=2)])
    await engine.dispose()


async def read_states() -> list[str]:
    engine = create_async_engine(DATABASE_URL)
    async with engine.connect() as connection:
        states = await connection.scalars(select(Order.state).order_by(Order.id))
    await engine.dispose()
    return list(states)


async def main() -> None:
    logging.getLogger("arq.worker").disabled = True
    await create_orders()
    redis, provider = FakeArqRedis(), Provider()
    worker = Worker(
        [charge], on_startup=startup, on_shutdown=shutdown, ctx={"provider": provider}, redis_pool=redis,
        handle_signals=False, poll_delay=0.01,
    )
    with patch("arq.worker.log_redis_info", AsyncMock()):  # It asks for INFO, which fakeredis does not have.
        working = asyncio.create_task(worker.async_run())
        # --8<-- [start:jobs]
        first = await redis.enqueue_job("charge", 1)
        await provider.asked.wait()
        second = await redis.enqueue_job("charge", 2)
        print("order 2:", await outcome(second))
        #> order 2: failed: the card has expired
        provider.answer.set()
        print("order 1:", await outcome(first))
        #> order 1: succeeded
        # --8<-- [end:jobs]
    await worker.close()
    await asyncio.wait([working])
    # --8<-- [start:states]
    print(await read_states())
    #> ['new', 'new']
    # --8<-- [end:states]


if __name__ == "__main__":
    asyncio.run(main())
