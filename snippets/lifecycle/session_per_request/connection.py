# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:session]
async def use(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        ada = User(id=1, name="Ada")
        session.add(ada)
        await session.flush()
        again = await session.get(User, 1)
        print(again is ada)
        #> True
        await session.commit()
        print(session.in_transaction())
        #> False
        await session.scalars(select(User))


# --8<-- [end:session]


async def main() -> None:
    engine = create_async_engine(
        DATABASE_URL
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await use(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
