# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Tenant(Base):
    __tablename__ = "tenants"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    tier: Mapped[str]


# --8<-- [start:merge]
async def show_merges(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        cached = await session.get_one(Tenant, 7)

    async with session_factory() as session:
        tenant = await session.merge(cached)
        print(tenant is cached, cached in session, tenant in session)
        #> False False True
        again = await session.merge(cached)
        print(again is tenant)
        #> True


# --8<-- [end:merge]


# --8<-- [start:unset]
async def merge_part(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        tenant = await session.merge(Tenant(id=7, tier="pro"))
        await session.commit()
        print(tenant.name, tenant.tier)
        #> Acme pro


# --8<-- [end:unset]


# --8<-- [start:load-false]
async def merge_without_loading(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        cached = await session.get_one(Tenant, 7)

    async with session_factory() as session:
        tenant = await session.merge(cached, load=False)
        print(tenant.name, inspect(tenant).persistent)
        #> Acme True
        tenant.tier = "team"
        await session.commit()

    cached.tier = "trial"
    async with session_factory() as session:
        try:
            await session.merge(cached, load=False)
        except InvalidRequestError as error:
            print(str(error).partition(".")[0])
            #> merge() with load=False option does not support objects marked as 'dirty'


# --8<-- [end:load-false]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Tenant(id=7, name="Acme", tier="free"))
        await show_merges(session_factory)
        await merge_part(session_factory)
        await merge_without_loading(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
