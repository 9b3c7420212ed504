# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "arq>=0.26", "fakeredis>=2.30", "redis",
# ]
# ///
# silent: the retry has noted the payment a second time
import asyncio
import logging
import os
from typing import Any
from unittest.mock import AsyncMock, patch

from arq import Retry
from arq.connections import ArqRedis
from arq.worker import Worker
from fakeredis import FakeAsyncRedisConnection, FakeServer
from redis.asyncio import ConnectionPool
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Payment(Base):
    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]


# --8<-- [end:model]


async def startup(ctx: dict[str, Any]) -> None:
    ctx["engine"] = create_async_engine(DATABASE_URL)
    ctx["session_factory"] = async_sessionmaker(ctx["engine"], expire_on_commit=False)


async def shutdown(ctx: dict[str, Any]) -> None:
    await ctx["engine"].dispose()


async def send_mail(job_try: int) -> None:
    if job_try == 1:
        raise ConnectionError("the mail server is down")


# --8<-- [start:job]
async def note_payment(ctx: dict[str, Any], order_id: int) -> None:
    async with ctx["session_factory"].begin() as session:
        session.add(Payment(order_id=order_id))
    try:
        await send_mail(ctx["job_try"])
    except ConnectionError:
        raise Retry(defer=0.01) from None


# --8<-- [end:job]


class FakeArqRedis(ArqRedis):
    """A Redis in this process. Yours: `await create_pool(RedisSettings(…))`."""

    def __init__(self) -> None:
        super().__init__(ConnectionPool(connection_class=FakeAsyncRedisConnection, server=FakeServer()))

    async def close(self, close_connection_pool: bool | None = None) -> None:
        await self.aclose(close_connection_pool)  # Without the warning of redis-py, which has renamed it.


async def main() -> None:
    logging.getLogger("arq.worker").disabled = True
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        redis = FakeArqRedis()
        # --8<-- [start:worker]
        await redis.enqueue_job("note_payment", 1)
        worker = Worker(
            [note_payment], on_startup=startup, on_shutdown=shutdown, redis_pool=redis,
            burst=True, handle_signals=False, poll_delay=0.01,
        )
        with patch("arq.worker.log_redis_info", AsyncMock()):  # It asks for INFO, which fakeredis does not have.
            await worker.async_run()
        await worker.close()
        async with engine.connect() as connection:
            payments = list(await connection.scalars(select(Payment.order_id)))
        print(f"{worker.jobs_retried} retry, {worker.jobs_complete} completed, payments for orders: {payments}")
        #> 1 retry, 1 completed, payments for orders: [1, 1]
        # --8<-- [end:worker]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
