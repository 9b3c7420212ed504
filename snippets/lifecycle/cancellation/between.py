# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# --8<-- [start:cancel]
async def pay(session_factory: async_sessionmaker[AsyncSession], asking: asyncio.Event) -> None:
    async with session_factory() as session:
        invoice = await session.get_one(Invoice, 1)
        invoice.state = "paid"
        await session.flush()
        asking.set()
        await asyncio.sleep(60)
        await session.commit()


async def give_up(session_factory: async_sessionmaker[AsyncSession]) -> None:
    asking = asyncio.Event()
    task = asyncio.create_task(pay(session_factory, asking))
    await asking.wait()
    task.cancel()
    await asyncio.wait([task])
    print(f"cancelled: {task.cancelled()}")
    #> cancelled: True


# --8<-- [end:cancel]


# --8<-- [start:next]
async def next_request(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        print((await session.get_one(Invoice, 1)).state)
        #> open


# --8<-- [end:next]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await give_up(session_factory)
        await next_request(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
