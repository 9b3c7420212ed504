# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:visits]
async def visits(session: AsyncSession, name: str) -> int:
    return (await session.get_one(City, name)).visits


async def all_visits(session_factory: async_sessionmaker[AsyncSession]) -> int:
    async with session_factory() as session:
        tasks = [visits(session, name) for name in ("Oslo", "Rome", "Lima")]
        return total(await asyncio.gather(*tasks, return_exceptions=True))


# --8<-- [end:visits]


def total(ends: list[int | BaseException]) -> int:
    # An error is raised when all tasks have ended, not while the others still use the session.
    numbers = []
    for end in ends:
        if isinstance(end, BaseException):
            raise end
        numbers.append(end)
    return sum(numbers)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([City(name=name, visits=2) for name in ("Oslo", "Rome", "Lima")])
        # --8<-- [start:call]
        print(await all_visits(session_factory))
        #> 6
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
