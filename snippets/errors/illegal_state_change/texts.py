# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# unrecorded: several tasks at once, and which of them comes first varies
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"

    name: Mapped[str] = mapped_column(primary_key=True)


# --8<-- [start:calls]
async def commit(session: AsyncSession) -> None:
    await session.commit()


async def flush(session: AsyncSession) -> None:
    await session.flush()


async def close(session: AsyncSession) -> None:
    await session.close()


# --8<-- [end:calls]


Call = Callable[[AsyncSession], Awaitable[None]]
PAIRS: list[tuple[Call, Call]] = [
    (flush, flush),
    (flush, commit),
    (commit, flush),
    (commit, commit),
    (commit, close),
]


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("this runs | this is called meanwhile, and raises | and the first one raises")
    #> this runs | this is called meanwhile, and raises | and the first one raises
    for first, second in PAIRS:
        async with session_factory() as session:
            session.add(City(name="Lima"))
            running = asyncio.ensure_future(first(session))
            await asyncio.sleep(0)
            [late] = await asyncio.gather(second(session), return_exceptions=True)
            [early] = await asyncio.gather(running, return_exceptions=True)
            await session.rollback()
        print(f"`{first.__name__}()` | `{second.__name__}()`: {said(late)} | {said(early)}")
        #> `flush()` | `flush()`: `Session is already flushing` | nothing
        #> `flush()` | `commit()`: nothing | `This transaction is closed`
        #> `commit()` | `flush()`: `Session is already flushing` | nothing
        #> `commit()` | `commit()`: `Method 'commit()' can't be called here` | `This transaction is closed`
        #> `commit()` | `close()`: `Method 'close()' can't be called here` | `This transaction is closed`
        async with session_factory.begin() as session:
            await session.execute(delete(City))


# --8<-- [end:table]


def said(end: object) -> str:
    text = str(end).partition(";")[0].partition(" (Background")[0]
    return f"`{text}`" if isinstance(end, BaseException) else "nothing"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
