# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no row locks and leaves FOR UPDATE out)
import asyncio
import os
import sys

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")


# --8<-- [start:take]
async def take(session: AsyncSession) -> Job | None:
    waiting = select(Job).where(Job.state == "queued").order_by(Job.id).limit(1)
    return (await session.scalars(waiting.with_for_update(skip_locked=True))).one_or_none()


async def two_workers(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory.begin() as first, session_factory.begin() as second:
        for session in (first, second, second):
            job = await take(session)
            print(job.title if job else "nothing to do")
            #> resize
            #> upload
            #> nothing to do
            if job:
                job.state = "done"


# --8<-- [end:take]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add_all([Job(title="resize"), Job(title="upload")])
        await two_workers(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
