# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and which connection comes first varies
import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
K = TypeVar("K")
V = TypeVar("V")


class Base(DeclarativeBase):
    pass


class OfCustomer(Base):
    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]


class Order(OfCustomer):
    __tablename__ = "orders"


class Address(OfCustomer):
    __tablename__ = "addresses"


class DataLoader(Generic[K, V]):
    """Collect the keys of one turn of the event loop, and ask for all of them at once."""

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
        # A resolver that is cancelled does not cancel the future of the others.
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


Factory = async_sessionmaker[AsyncSession]
Model = type[OfCustomer]
CUSTOMERS = range(1, 4)


async def load(session: AsyncSession, model: Model, customer_ids: Sequence[int]) -> dict[int, int]:
    found = dict.fromkeys(customer_ids, 0)
    for row in await session.scalars(select(model).where(model.customer_id.in_(customer_ids))):
        found[row.customer_id] += 1
    return found


async def each_resolver(factory: Factory) -> None:
    async def resolve(model: Model, customer_id: int) -> int:
        async with factory() as session:
            return (await load(session, model, [customer_id]))[customer_id]

    await asyncio.gather(*(resolve(model, number) for number in CUSTOMERS for model in (Order, Address)))


async def each_batch(factory: Factory) -> None:
    async def batch(model: Model, customer_ids: Sequence[int]) -> dict[int, int]:
        async with factory() as session:
            return await load(session, model, customer_ids)

    loaders = [DataLoader(partial(batch, model)) for model in (Order, Address)]
    await asyncio.gather(*(loader.load(number) for number in CUSTOMERS for loader in loaders))


async def with_lock(factory: Factory) -> None:
    lock = asyncio.Lock()

    async def batch(model: Model, customer_ids: Sequence[int]) -> dict[int, int]:
        async with lock:
            return await load(session, model, customer_ids)

    async with factory() as session:
        loaders = [DataLoader(partial(batch, model)) for model in (Order, Address)]
        await asyncio.gather(*(loader.load(number) for number in CUSTOMERS for loader in loaders))


WAYS: dict[str, Callable[[Factory], Awaitable[None]]] = {
    "no loader, a session for each resolver": each_resolver,
    "loaders, a session for each batch": each_batch,
    "loaders, the request's session and a lock": with_lock,
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        counts = {"statements": 0, "checkouts": 0}

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def sent(*_: object) -> None:
            counts["statements"] += 1

        @event.listens_for(engine.sync_engine, "checkout")
        def taken(*_: object) -> None:
            counts["checkouts"] += 1

        # --8<-- [start:table]
        print("two fields of three customers | statements | connections taken")
        #> two fields of three customers | statements | connections taken
        for name, way in WAYS.items():
            counts.update(statements=0, checkouts=0)
            await way(async_sessionmaker(engine))
            print(f"{name} | {counts['statements']} | {counts['checkouts']}")
            #> no loader, a session for each resolver | 6 | 6
            #> loaders, a session for each batch | 2 | 2
            #> loaders, the request's session and a lock | 2 | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
