# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# drivers: asyncpg, psycopg (SQLite has no such setting)
import asyncio
import os
import sys

from sqlalchemy import exc, make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Invoice(Base):
    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default="open")


# --8<-- [start:limit]
LIMIT = {
    "asyncpg": {"server_settings": {"idle_in_transaction_session_timeout": "1s"}},
    "psycopg": {"options": "-c idle_in_transaction_session_timeout=1s"},
}
# --8<-- [end:limit]


# --8<-- [start:slot]
async def hold_and_ask(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as forgotten:
        await forgotten.get_one(Invoice, 1)
        await asyncio.sleep(2.5)
        async with session_factory() as session:
            try:
                await session.get_one(Invoice, 1)
            except exc.TimeoutError as error:
                print(str(error).partition(" (Background")[0])
                #> QueuePool limit of size 1 overflow 0 reached, connection timed out, timeout 0.50
        try:
            await forgotten.refresh(await forgotten.get_one(Invoice, 1))
        except exc.DBAPIError as error:
            print(f"the server has hung up: {error.connection_invalidated}")
            #> the server has hung up: True


# --8<-- [end:slot]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(
        DATABASE_URL,
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.5,
        connect_args=LIMIT[make_url(DATABASE_URL).get_driver_name()],
    )
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Invoice(id=1))
        await hold_and_ask(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
