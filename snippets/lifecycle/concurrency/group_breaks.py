# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: AssertionError
# silent: one task has failed, and its sibling commits after the caller has gone
import asyncio
import os

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


written, approved = asyncio.Event(), asyncio.Event()


# --8<-- [start:both]
async def add_city(factory: async_sessionmaker[AsyncSession], name: str) -> None:
    async with factory.begin() as session:
        session.add(City(name=name))
        await session.flush()
        written.set()
        await approved.wait()


async def draw_map(name: str) -> None:
    await written.wait()
    raise ValueError(f"no map of {name}")


async def add_with_map(factory: async_sessionmaker[AsyncSession], name: str) -> None:
    await asyncio.gather(
        add_city(factory, name),
        draw_map(name),
    )


# --8<-- [end:both]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        # --8<-- [start:call]
        try:
            await add_with_map(session_factory, "Oslo")
        except (ValueError, ExceptionGroup) as error:
            print(type(error).__name__)
            #> ValueError
        approved.set()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        async with session_factory() as session:
            rows = await session.scalar(select(func.count()).select_from(City))
            assert rows == 0, f"add_with_map has failed, and {rows} city is stored"
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
