# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and the order of their rows varies
import asyncio
import os

from sqlalchemy import exc, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(default=0)


# --8<-- [start:after]
async def two_commits(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        session.add(City(name="Oslo"))
        ends = await asyncio.gather(session.commit(), session.commit(), return_exceptions=True)
        print(", ".join(type(end).__name__ for end in ends))
        #> ResourceClosedError, IllegalStateChangeError
        try:
            await stored(session)
        except exc.SQLAlchemyError as error:
            print(type(error).__name__)
            #> IntegrityError
        await session.rollback()
        print(f"after a rollback: {await stored(session)} rows")
        #> after a rollback: 0 rows


# --8<-- [end:after]


async def stored(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(City)) or 0


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await two_commits(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
