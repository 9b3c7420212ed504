# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


# --8<-- [start:work]
async def finish(session: AsyncSession, other: AsyncSession) -> None:
    job = await session.get(Job, 1)
    assert job is not None
    job.status = "running"
    await session.commit()  # The work takes a while: hold no transaction.
    await cancel(other)
    job = await session.get(Job, 1)
    if job is None:
        return
    job.status = "done"
    await session.commit()


# --8<-- [end:work]


# --8<-- [start:other]
async def cancel(session: AsyncSession) -> None:
    await session.execute(delete(Job).where(Job.id == 1))
    await session.commit()


# --8<-- [end:other]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Job(id=1, status="new"))
        async with session_factory() as session, session_factory() as other:
            await finish(session, other)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
