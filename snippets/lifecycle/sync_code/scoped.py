# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:scoped]
async def name_of(current: async_scoped_session[AsyncSession], customer_id: int) -> str:
    return (await current.get_one(Customer, customer_id)).name


async def job(current: async_scoped_session[AsyncSession]) -> None:
    try:
        print(await name_of(current, customer_id=1))
        #> Ada
        #> Ada
        #> Ada
    finally:
        await current.remove()


# --8<-- [end:scoped]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    # --8<-- [start:factory]
    current = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)
    # --8<-- [end:factory]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session, session.begin():
            session.add(Customer(id=1, name="Ada"))
        # --8<-- [start:jobs]
        for number in range(3):
            await asyncio.create_task(job(current), name=f"job {number}")
        sessions = len(current.registry.registry)
        held = engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]
        print(f"{sessions} sessions in the registry, {held} connections held")
        #> 0 sessions in the registry, 0 connections held
        assert held == 0, "finished jobs hold connections"
        # --8<-- [end:jobs]
    finally:
        for left_behind in current.registry.registry.values():
            await left_behind.close()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
