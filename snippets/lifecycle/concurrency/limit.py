# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and which connection comes first varies
import asyncio
import os

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:limit]
async def visits(factory: async_sessionmaker[AsyncSession], slots: asyncio.Semaphore, name: str) -> int:
    async with slots, factory() as session:
        return (await session.get_one(City, name)).visits


async def all_visits(factory: async_sessionmaker[AsyncSession], names: list[str]) -> int:
    slots = asyncio.Semaphore(3)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(visits(factory, slots, name)) for name in names]
    return sum(task.result() for task in tasks)


# --8<-- [end:limit]


def count_checkouts(engine: AsyncEngine) -> list[int]:
    """How many connections were checked out, after each checkout."""
    held, counts = 0, [0]

    @event.listens_for(engine.sync_engine, "checkout")
    def out(*_: object) -> None:
        nonlocal held
        held += 1
        counts.append(held)

    @event.listens_for(engine.sync_engine, "checkin")
    def back(*_: object) -> None:
        nonlocal held
        held -= 1

    return counts


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([City(name=name, visits=2) for name in ("Oslo", "Rome", "Lima")])

        most_at_once = count_checkouts(engine)
        # --8<-- [start:call]
        print(await all_visits(session_factory, ["Oslo", "Rome", "Lima"] * 10))
        #> 60
        print(f"never more than three at once: {max(most_at_once) <= 3}")
        #> never more than three at once: True
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
