# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (it needs a row lock of PostgreSQL)
import asyncio
import os
import sys

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


# --8<-- [start:freeze]
async def read_with(sync: Session) -> None:
    sync.execute(text("SET LOCAL lock_timeout = '500ms'"))
    sync.get_one(Product, 1, with_for_update=True)


async def both_kinds(session_factory: async_sessionmaker[AsyncSession], sync: Session) -> None:
    async with session_factory() as session:
        await session.get_one(Product, 1, with_for_update=True)
        try:
            async with asyncio.timeout(0.1):
                await read_with(sync)
        except DBAPIError as error:
            print(str(error.orig).splitlines()[0])
            #> canceling statement due to lock timeout


# --8<-- [end:freeze]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=1))
        sync_engine = create_engine(make_url(DATABASE_URL).set(drivername="postgresql+psycopg"))
        with Session(sync_engine) as sync:
            await both_kinds(session_factory, sync)
        sync_engine.dispose()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
