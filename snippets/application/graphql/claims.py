# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import DetachedInstanceError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
K = TypeVar("K")
V = TypeVar("V")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    lines: Mapped[list["Line"]] = relationship()


class Line(Base):
    __tablename__ = "lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))


class DataLoader(Generic[K, V]):
    def __init__(self, batch: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self.batch = batch
        self.futures: dict[K, asyncio.Future[V]] = {}
        self.waiting: list[K] = []
        self.tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: K) -> V:
        if key not in self.futures:
            loop = asyncio.get_running_loop()
            self.futures[key] = loop.create_future()
            if not self.waiting:
                loop.call_soon(self.send)
            self.waiting.append(key)
        return await asyncio.shield(self.futures[key])

    def send(self) -> None:
        keys, self.waiting = self.waiting, []
        task = asyncio.create_task(self.answer(keys))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, keys: Sequence[K]) -> None:
        try:
            found = await self.batch(keys)
        except BaseException as error:
            for key in keys:
                self.futures[key].set_exception(error)
            return
        for key in keys:
            if key in found:
                self.futures[key].set_result(found[key])
            else:
                self.futures[key].set_exception(KeyError(key))


def orders_loader(engine: AsyncEngine) -> DataLoader[int, list[Order]]:
    async def batch(customer_ids: Sequence[int]) -> dict[int, list[Order]]:
        found: dict[int, list[Order]] = {customer_id: [] for customer_id in customer_ids}
        query = select(Order).where(Order.customer_id.in_(customer_ids))
        async with AsyncSession(engine) as session:
            for order in await session.scalars(query):
                found[order.customer_id].append(order)
        return found

    return DataLoader(batch)


async def add(engine: AsyncEngine, *customer_ids: int) -> None:
    async with AsyncSession(engine) as session:
        session.add_all([Order(customer_id=customer_id) for customer_id in customer_ids])
        await session.commit()


async def count(session: AsyncSession, customer_id: int) -> int | None:
    return await session.scalar(select(func.count(Order.id)).where(Order.customer_id == customer_id))


async def claim_read_before(engine: AsyncEngine) -> None:
    """If the shared session has read before, two tasks that read through it at once both get their answers, and nothing is raised."""
    await add(engine, 1, 2)
    async with AsyncSession(engine) as session:
        await session.scalar(select(1))
        assert list(await asyncio.gather(count(session, 1), count(session, 2))) == [1, 1]


async def claim_detached(engine: AsyncEngine) -> None:
    """An order from a batch with a session of its own is detached: its columns can be read, and reading `order.lines` raises `DetachedInstanceError`."""
    await add(engine, 1)
    [order] = await orders_loader(engine).load(1)
    assert order.customer_id == 1
    error = None
    try:
        len(order.lines)
    except DetachedInstanceError as raised:
        error = raised
    assert error is not None


async def claim_uncommitted(engine: AsyncEngine) -> None:
    """A batch with a session of its own does not find an order that the request's session has flushed and not committed."""
    async with AsyncSession(engine) as session:
        session.add(Order(customer_id=1))
        await session.flush()
        assert await count(session, 1) == 1
        assert await orders_loader(engine).load(1) == []


async def claim_shared_loader(engine: AsyncEngine) -> None:
    """A loader that outlives the request answers from its memory: an order that was committed after the first `load(1)` is not in the second. A new loader finds it."""
    await add(engine, 1)
    shared = orders_loader(engine)
    assert len(await shared.load(1)) == 1
    await add(engine, 1)
    assert len(await shared.load(1)) == 1
    assert len(await orders_loader(engine).load(1)) == 2


async def claim_error(engine: AsyncEngine) -> None:
    """An error in a batch reaches each resolver that waits for it."""

    async def fails(_: Sequence[int]) -> dict[int, str]:
        raise ConnectionError("the database is down")

    loader = DataLoader(fails)
    ends = await asyncio.gather(loader.load(1), loader.load(2), return_exceptions=True)
    assert [type(end) for end in ends] == [ConnectionError, ConnectionError]


async def claim_cancelled(engine: AsyncEngine) -> None:
    """If one of two resolvers that wait for a key is cancelled, the other gets its answer."""
    await add(engine, 1)
    loader = orders_loader(engine)
    first, second = asyncio.create_task(loader.load(1)), asyncio.create_task(loader.load(1))
    await asyncio.sleep(0)
    first.cancel()
    ends = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(ends[0], asyncio.CancelledError)
    assert isinstance(ends[1], list) and len(ends[1]) == 1


async def claim_missing(engine: AsyncEngine) -> None:
    """A key that the batch function does not return raises `KeyError` for its own resolver. The others get their answers."""

    async def without_1(keys: Sequence[int]) -> dict[int, int]:
        return {key: key * 10 for key in keys if key != 1}

    loader = DataLoader(without_1)
    ends = await asyncio.gather(loader.load(0), loader.load(1), loader.load(2), return_exceptions=True)
    assert isinstance(ends[1], KeyError)
    assert [ends[0], ends[2]] == [0, 20]


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
