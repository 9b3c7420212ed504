# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "taskiq>=0.12",
# ]
# ///
# silent: one invoice is not stored: there is no error, no result and no retry
# unrecorded: two tasks run at once
import asyncio
import logging
import os
from collections.abc import AsyncGenerator
from typing import Annotated

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from taskiq import InMemoryBroker, SimpleRetryMiddleware, TaskiqDepends, TaskiqState

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    order_id: Mapped[int]


# ruff: noqa: B008
broker = InMemoryBroker().with_middlewares(SimpleRetryMiddleware())


# --8<-- [start:dependency]
async def get_session(state: Annotated[TaskiqState, TaskiqDepends()]) -> AsyncGenerator[AsyncSession, None]:
    async with state.session_factory() as session:
        yield session
        await session.commit()


# --8<-- [end:dependency]


# --8<-- [start:task]
@broker.task(retry_on_error=True)
async def write_invoice(order_id: int, session: AsyncSession = TaskiqDepends(get_session)) -> None:
    last = await session.scalar(select(func.max(Invoice.number))) or 0
    await both_have_read(order_id)
    session.add(Invoice(number=last + 1, order_id=order_id))


# --8<-- [end:task]
runs: list[int] = []
meeting = asyncio.Barrier(2)


async def both_have_read(order_id: int) -> None:
    """The first run of each task waits here for the other one."""
    runs.append(order_id)
    if len(runs) <= 2:
        await meeting.wait()


async def until_idle() -> list[str]:
    """Until the tasks and their retries have ended. What the broker raises, no middleware has seen."""
    raised: list[BaseException | None] = []
    for _ in range(3):
        raised += await asyncio.gather(broker.wait_all(), return_exceptions=True)
    return [type(error).__name__ for error in raised if error]


async def main() -> None:
    logging.disable()
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await broker.startup()
        broker.state.session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:kiq]
        tasks = [await write_invoice.kiq(1), await write_invoice.kiq(2)]
        unseen = await until_idle()
        results = [task for task in tasks if await task.is_ready()]
        async with engine.connect() as connection:
            numbers = list(await connection.scalars(select(Invoice.number).order_by(Invoice.number)))
        print(f"{len(runs)} runs, {len(results)} results, invoices: {numbers}, errors that no middleware saw: {unseen}")
        #> 2 runs, 1 results, invoices: [1], errors that no middleware saw: ['IntegrityError']
        # --8<-- [end:kiq]
        await broker.shutdown()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
