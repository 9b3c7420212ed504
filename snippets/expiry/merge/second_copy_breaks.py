# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.InvalidRequestError
import asyncio
import os

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


async def load(session_factory: async_sessionmaker[AsyncSession]) -> Tenant:
    async with session_factory() as session:
        return await session.get_one(Tenant, 7)


# --8<-- [start:upgrade]
async def upgrade(session: AsyncSession, cached: Tenant) -> None:
    tenant = await session.get_one(Tenant, 7)
    session.add(cached)
    cached.tier = "pro"
    await session.commit()
    print(tenant is cached, tenant.tier)


# --8<-- [end:upgrade]


async def upgrade_cached(session_factory: async_sessionmaker[AsyncSession]) -> None:
    cached = await load(session_factory)
    async with session_factory() as session:
        await upgrade(session, cached)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Tenant(id=7, name="Acme", tier="free"))
        await upgrade_cached(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
