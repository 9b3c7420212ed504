# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite"]
# ///
# drivers: aiosqlite (the lock on the whole file is SQLite's)
# unrecorded: two transactions at once, and either may be the first
import asyncio
import os
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, event, exc, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


# --8<-- [start:engine]
def make_engine(begin: str, timeout: float, **pool: Any) -> AsyncEngine:
    connect_args = {"timeout": timeout}
    engine = create_async_engine(
        DATABASE_URL, connect_args=connect_args, pool_timeout=timeout, **pool
    )
    if begin:

        @event.listens_for(engine.sync_engine, "connect")
        def leave_begin_to_us(connection: Any, record: object) -> None:
            connection.isolation_level = None

        @event.listens_for(engine.sync_engine, "begin")
        def send_begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    return engine


# --8<-- [end:engine]


# --8<-- [start:scenarios]
async def read_then_write(engine: AsyncEngine) -> str:
    readers, both_have_read = [], asyncio.Event()

    async def sell(customer: str) -> None:
        async with AsyncSession(engine) as session, session.begin():
            product = await session.get_one(Product, 1)
            readers.append(customer)
            if len(readers) == 2:
                both_have_read.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(both_have_read.wait(), timeout=0.3)
            product.stock -= 1

    done = await asyncio.gather(sell("Ada"), sell("Grace"), return_exceptions=True)
    async with AsyncSession(engine) as session:
        left = (await session.get_one(Product, 1)).stock
    for outcome in done:
        if isinstance(outcome, exc.OperationalError):
            return "locked"
        assert outcome is None, outcome
    return "both" if left == 8 else "an update lost"


async def write(engine: AsyncEngine) -> str:
    try:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(text("UPDATE products SET stock = stock - 1"))
    except exc.OperationalError:
        return "locked"
    except exc.TimeoutError:
        return "waits for the pool"
    return "writes"


async def while_another_writes(engine: AsyncEngine) -> str:
    async with AsyncSession(engine) as session:
        await session.execute(text("UPDATE products SET stock = stock - 1"))
        return await write(engine)


async def while_another_reads(engine: AsyncEngine) -> str:
    async with AsyncSession(engine) as session:
        products = await session.stream(select(Product))
        await products.fetchmany(1)
        return await write(engine)


# --8<-- [end:scenarios]


# --8<-- [start:table]
ONE = {"pool_size": 1, "max_overflow": 0}
SETTINGS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("as it comes", "", "DELETE", {}),
    ("WAL", "", "WAL", {}),
    ("BEGIN", "BEGIN", "DELETE", {}),
    ("BEGIN, WAL", "BEGIN", "WAL", {}),
    ("BEGIN IMMEDIATE", "BEGIN IMMEDIATE", "DELETE", {}),
    ("BEGIN IMMEDIATE, WAL", "BEGIN IMMEDIATE", "WAL", {}),
    ("a pool of one", "", "DELETE", ONE),
]
SCENARIOS = [(read_then_write, 10.0), (while_another_writes, 0.1), (while_another_reads, 0.1)]


async def compare() -> None:
    print("setting | both read, then write | one writes on and on | one reads on and on")
    #> setting | both read, then write | one writes on and on | one reads on and on
    for name, begin, journal, pool in SETTINGS:
        outcomes = []
        for scenario, timeout in SCENARIOS:
            await prepare(journal)
            engine = make_engine(begin, timeout, **pool)
            outcomes.append(await scenario(engine))
            await engine.dispose()
        print(" | ".join([name, *outcomes]))
        #> as it comes | an update lost | locked | locked
        #> WAL | an update lost | locked | writes
        #> BEGIN | locked | locked | locked
        #> BEGIN, WAL | locked | locked | writes
        #> BEGIN IMMEDIATE | both | locked | locked
        #> BEGIN IMMEDIATE, WAL | both | locked | locked
        #> a pool of one | both | waits for the pool | waits for the pool


# --8<-- [end:table]


# --8<-- [start:brief]
async def while_another_writes_for_a_moment(engine: AsyncEngine) -> str:
    async with AsyncSession(engine) as session:
        await session.execute(text("UPDATE products SET stock = stock - 1"))
        waiting = asyncio.create_task(write(engine))
        await asyncio.wait([waiting], timeout=0.5)
        await session.commit()
    return await waiting


async def compare_timeouts() -> None:
    for timeout in (0, 10):
        await prepare("DELETE")
        engine = make_engine("", timeout)
        print(f"timeout {timeout}: {await while_another_writes_for_a_moment(engine)}")
        #> timeout 0: locked
        #> timeout 10: writes
        await engine.dispose()


# --8<-- [end:brief]


async def prepare(journal: str) -> None:
    engine = make_engine("", 10)
    async with engine.connect() as connection:
        await connection.execute(text(f"PRAGMA journal_mode = {journal}"))
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text("INSERT INTO products VALUES (1, 10), (2, 10), (3, 10)"))
        await connection.commit()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(compare())
    asyncio.run(compare_timeouts())
