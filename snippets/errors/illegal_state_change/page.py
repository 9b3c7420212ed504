# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: two tasks at once, and which of them comes first varies
import asyncio
import os

from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    close_all_sessions,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:page]
async def visits(session: AsyncSession, name: str) -> int:
    return (await session.get_one(City, name)).visits


async def load_map(name: str) -> None:
    raise ValueError(f"no map of {name}")


async def city_page(session_factory: async_sessionmaker[AsyncSession], name: str) -> None:
    async with session_factory() as session, asyncio.TaskGroup() as group:
        group.create_task(visits(session, name))
        group.create_task(load_map(name))


# --8<-- [end:page]


async def main() -> None:
    engine = create_async_engine(
        DATABASE_URL, pool_size=1, max_overflow=0
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(City(name="Oslo", visits=2))

        async with engine.connect():  # The only connection: the page has to wait for it.
            # --8<-- [start:call]
            try:
                await city_page(session_factory, "Oslo")
            except* ValueError as group:
                print(group.exceptions[0])
#> no map of Oslo
            # --8<-- [end:call]
    finally:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await close_all_sessions()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
