# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

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


ENDS: dict[str, Callable[[AsyncSession], Awaitable[None]]] = {
    "`commit()`": AsyncSession.commit,
    "`rollback()`": AsyncSession.rollback,
    "`close()`": AsyncSession.close,
}


# --8<-- [start:fetched]
async def read_on(session: AsyncSession, end: Callable[[AsyncSession], Awaitable[None]]) -> int:
    rows = 0
    async for _ in await session.stream_scalars(select(User)):
        rows += 1
        if rows == 1:
            await end(session)
    return rows


# --8<-- [end:fetched]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([User(name=f"user {number}") for number in range(2000)])
        # --8<-- [start:table]
        print("after the first row | rows read, of 2000")
        #> after the first row | rows read, of 2000
        for name, end in ENDS.items():
            async with session_factory() as session:
                print(name, "|", await read_on(session, end))
                #> `commit()` | 2000
                #> `rollback()` | 2000
                #> `close()` | 2000
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
