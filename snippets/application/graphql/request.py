# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: two batches at once, and which connection comes first varies
import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Executable, ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
K = TypeVar("K")
V = TypeVar("V")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    item: Mapped[str]


class Address(Base):
    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    city: Mapped[str]


# --8<-- [start:loader]
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


# --8<-- [end:loader]


# --8<-- [start:context]
class Context:
    """What the resolvers of one request share."""

    def __init__(self, session_factory: async_sessionmaker[AsyncSession]) -> None:
        self.session_factory = session_factory
        self.items = DataLoader(self.load_items)
        self.cities = DataLoader(self.load_cities)

    async def load_items(self, customer_ids: Sequence[int]) -> dict[int, list[str]]:
        query = select(Order.customer_id, Order.item).where(Order.customer_id.in_(customer_ids))
        return await self.group(query.order_by(Order.id), customer_ids)

    async def load_cities(self, customer_ids: Sequence[int]) -> dict[int, list[str]]:
        query = select(Address.customer_id, Address.city).where(Address.customer_id.in_(customer_ids))
        return await self.group(query.order_by(Address.id), customer_ids)

    async def group(self, query: Executable, customer_ids: Sequence[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {customer_id: [] for customer_id in customer_ids}
        async with self.session_factory() as session:
            for customer_id, text in await session.execute(query):
                found[customer_id].append(text)
        return found


# --8<-- [end:context]


# --8<-- [start:request]
async def handle(session_factory: async_sessionmaker[AsyncSession]) -> None:
    context = Context(session_factory)
    print(await resolve(context, [1, 2, 3]))
    #> [['Punch cards'], ['London'], ['Moths'], [], [], ['Nuenen']]


# --8<-- [end:request]


# --8<-- [start:resolve]
async def resolve(context: Context, customer_ids: list[int]) -> list[list[str]]:
    """What a GraphQL server does: it resolves the fields of all customers at once."""
    fields = [
        loader.load(customer_id)
        for customer_id in customer_ids
        for loader in (context.items, context.cities)
    ]
    ends = await asyncio.gather(*fields, return_exceptions=True)
    return [raise_error(end) if isinstance(end, BaseException) else end for end in ends]


# --8<-- [end:resolve]


def raise_error(error: BaseException) -> list[str]:
    raise error


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add_all([Customer(id=1), Customer(id=2), Customer(id=3)])
            await session.flush()
            session.add_all([Order(customer_id=1, item="Punch cards"), Order(customer_id=2, item="Moths")])
            session.add_all([Address(customer_id=1, city="London"), Address(customer_id=3, city="Nuenen")])
        await engine.dispose()  # As after a start: no connection is open.
        await handle(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
