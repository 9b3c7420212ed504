# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "arq>=0.26", "fakeredis>=2.30", "redis",
#     "fastapi>=0.121", "taskiq>=0.12",
# ]
# ///
import asyncio
import logging
import os
import signal
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated, Any
from unittest.mock import AsyncMock, patch

from arq import Retry
from arq.connections import ArqRedis
from arq.worker import Worker
from arq.worker import func as arq_func
from fakeredis import FakeAsyncRedisConnection, FakeServer
from fastapi import Depends, Request
from redis.asyncio import ConnectionPool
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from taskiq import AckableMessage, BrokerMessage, InMemoryBroker, SimpleRetryMiddleware, TaskiqResult
from taskiq.exceptions import SendTaskError
from taskiq.receiver import Receiver

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
logging.disable()


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class FakeArqRedis(ArqRedis):
    """A Redis in this process. Yours: `await create_pool(RedisSettings(…))`."""

    def __init__(self) -> None:
        super().__init__(ConnectionPool(connection_class=FakeAsyncRedisConnection, server=FakeServer()))

    async def close(self, close_connection_pool: bool | None = None) -> None:
        await self.aclose(close_connection_pool)  # Without the warning of redis-py, which has renamed it.


async def work(redis: ArqRedis, job: Callable[..., Awaitable[Any]], **settings: Any) -> Worker:
    """ARQ's worker, until the queue is empty."""
    worker = Worker([arq_func(job, name="job")], redis_pool=redis, burst=True, poll_delay=0.01, **{"handle_signals": False, **settings})  # type: ignore[arg-type]
    with patch("arq.worker.log_redis_info", AsyncMock()):  # It asks for INFO, which fakeredis does not have.
        await asyncio.wait([asyncio.create_task(worker.async_run())])
    return worker


async def stored(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(Invoice)) or 0


def sessions_of(engine: AsyncEngine, left: list[str]) -> Callable[[], AsyncGenerator[AsyncSession, None]]:
    async def get_session() -> AsyncGenerator[AsyncSession, None]:
        async with AsyncSession(engine) as session:
            yield session
            left.append("left")
            await session.commit()

    return get_session


async def result_of(broker: InMemoryBroker, task: Any, *arguments: Any) -> TaskiqResult[Any]:
    sent = await task.kiq(*arguments)
    await broker.wait_all()
    result: TaskiqResult[Any] = await sent.get_result()
    return result


async def claim_broker_down(engine: AsyncEngine) -> None:
    """If the broker cannot be reached, `kiq` raises, after the commit: the row is stored, and there is no task for it."""

    class Unreachable(InMemoryBroker):
        async def kick(self, message: BrokerMessage) -> None:
            raise ConnectionError("the broker cannot be reached")

    ran: list[int] = []
    broker, error = Unreachable(await_inplace=True), None

    @broker.task(task_name="send_receipt")
    async def send_receipt(number: int) -> None:
        ran.append(number)

    async with AsyncSession(engine) as session:
        session.add(Invoice(number=1))
        await session.commit()
        try:
            await send_receipt.kiq(1)
        except SendTaskError as raised:
            error = raised
    count = await stored(engine)
    assert error is not None
    assert count == 1
    assert ran == []


async def claim_arq_one_loop(engine: AsyncEngine) -> None:
    """ARQ calls `on_startup`, the jobs and `on_shutdown` in the same event loop."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def note(ctx: dict[str, Any]) -> None:
        loops.append(asyncio.get_running_loop())

    redis = FakeArqRedis()
    await redis.enqueue_job("job")
    worker = await work(redis, note, on_startup=note, on_shutdown=note)
    await worker.close()
    assert len(loops) == 3
    assert len(set(loops)) == 1


async def claim_arq_retries(engine: AsyncEngine) -> None:
    """A job that raises an `IntegrityError` runs once in ARQ. A job that always raises `Retry` runs five times by default."""
    runs: list[str] = []

    async def fails(ctx: dict[str, Any], how: str) -> None:
        runs.append(how)
        async with AsyncSession(engine) as session:
            session.add_all([Invoice(number=1), Invoice(number=1)])
            if how == "Retry":
                raise Retry
            await session.flush()

    redis = FakeArqRedis()
    error = await redis.enqueue_job("job", "IntegrityError")
    await redis.enqueue_job("job", "Retry")
    await work(redis, fails)
    result = error and await error.result_info()
    assert result is not None
    assert isinstance(result.result, IntegrityError)
    assert runs.count("IntegrityError") == 1
    assert runs.count("Retry") == 5


async def claim_arq_sigterm(engine: AsyncEngine) -> None:
    """SIGTERM cancels a job that ARQ is running, its session rolls back, and the next worker runs the job again."""
    redis, tries, count = FakeArqRedis(), list[int](), list[int]()

    async def write(ctx: dict[str, Any]) -> None:
        count.append(await stored(engine))
        tries.append(ctx["job_try"])
        async with AsyncSession(engine) as session:
            session.add(Invoice(number=1))
            await session.flush()
            if ctx["job_try"] == 1:
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.Event().wait()
            await session.commit()

    await redis.enqueue_job("job")
    first = await work(redis, write, handle_signals=True)
    await asyncio.wait(first.tasks.values()) if first.tasks else None
    await work(redis, write)
    for number in signal.SIGTERM, signal.SIGINT:
        asyncio.get_running_loop().remove_signal_handler(number)
    now = await stored(engine)
    assert tries == [1, 2]
    assert count == [0, 0]
    assert now == 1


async def claim_fastapi_depends(engine: AsyncEngine) -> None:
    """taskiq resolves a `Depends` of FastAPI, and leaves a dependency with `yield` when the task has ended."""
    broker, left, seen = InMemoryBroker(), list[str](), list[int]()

    @broker.task
    async def write(session: Annotated[AsyncSession, Depends(sessions_of(engine, left))]) -> None:
        session.add(Invoice(number=1))
        seen.append(len(left))

    result = await result_of(broker, write)
    count = await stored(engine)
    assert not result.is_err
    assert seen == [0]
    assert left == ["left"]
    assert count == 1


async def claim_request(engine: AsyncEngine) -> None:
    """Without taskiq-fastapi, taskiq does not supply a `Request`: a task whose dependency has one ends with a `TypeError`."""

    async def get_session(request: Request) -> AsyncGenerator[AsyncSession, None]:
        async with request.state.session_factory() as session:
            yield session

    broker = InMemoryBroker()

    @broker.task
    async def read(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        await session.scalar(select(1))

    result = await result_of(broker, read)
    assert isinstance(result.error, TypeError)
    assert "request" in str(result.error)


async def claim_no_propagate(engine: AsyncEngine) -> None:
    """With `--no-propagate-errors` (`propagate_exceptions=False`), such a dependency commits what a failed task has added."""
    count: dict[bool, int] = {}
    for propagate in True, False:
        broker, left = InMemoryBroker(propagate_exceptions=propagate), list[str]()

        @broker.task(task_name=f"write-{propagate}")
        async def write(session: Annotated[AsyncSession, Depends(sessions_of(engine, left))]) -> None:  # noqa: B023
            session.add(Invoice(number=1))
            raise ValueError("the task has failed")

        await result_of(broker, write)
        count[propagate] = await stored(engine)
    assert count == {True: 0, False: 1}


async def claim_not_acknowledged(engine: AsyncEngine) -> None:
    """If the commit of such a dependency fails, taskiq does not acknowledge the message."""
    broker, left, acknowledged = InMemoryBroker(), list[str](), list[int]()

    @broker.task(task_name="write")
    async def write(number: int, session: Annotated[AsyncSession, Depends(sessions_of(engine, left))]) -> None:
        session.add(Invoice(number=number))

    error = None
    for number in 1, 2, 1:
        message = write.kicker()._prepare_message(number)
        sent = AckableMessage(data=broker.formatter.dumps(message).message, ack=lambda: acknowledged.append(number))  # noqa: B023
        try:
            await Receiver(broker, max_async_tasks=1).callback(sent)
        except IntegrityError as raised:
            error = raised
    assert error is not None
    assert acknowledged == [1, 2]


async def claim_simple_retry(engine: AsyncEngine) -> None:
    """`SimpleRetryMiddleware` with its defaults runs a failing task three times in all if it has the label `retry_on_error`, and once if not."""
    broker = InMemoryBroker(await_inplace=True).with_middlewares(SimpleRetryMiddleware())
    runs: list[str] = []

    async def fail(label: str) -> None:
        runs.append(label)
        raise ValueError(label)

    for label in True, False:
        await broker.register_task(fail, f"fail-{label}", retry_on_error=label).kiq(str(label))
    assert runs.count("True") == 3
    assert runs.count("False") == 1


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
