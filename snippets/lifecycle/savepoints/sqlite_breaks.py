# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (PostgreSQL begins a transaction before every statement)
# raises: AssertionError
# silent: a row that was rolled back is stored
import asyncio
import os
from typing import Any

from sqlalchemy import Connection, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


# --8<-- [start:register]
async def register(session: AsyncSession) -> None:
    async with session.begin_nested():
        session.add(User(email="ada@example.org"))
    await session.rollback()


# --8<-- [end:register]


# --8<-- [start:begin]
def begin_like_postgresql(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def leave_begin_to_us(connection: Any, record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


# --8<-- [end:begin]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        # --8<-- [start:check]
        async with session_factory() as session:
            await register(session)
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(User))
            assert stored == 0, f"rolled back, and {stored} user is stored"
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
