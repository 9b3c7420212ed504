# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")


# --8<-- [start:work]
async def work(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        jobs = (await session.scalars(select(Job).order_by(Job.id))).all()
        await cancel(session_factory, job_id=2)
        for job in jobs:
            await session.refresh(job, with_for_update=True)
            if job.state == "queued":
                print(f"working on {job.title}")
                #> working on resize
                job.state = "done"
            await session.commit()


# --8<-- [end:work]


# --8<-- [start:cancel]
async def cancel(session_factory: async_sessionmaker[AsyncSession], job_id: int) -> None:
    async with session_factory.begin() as session:
        await session.execute(update(Job).where(Job.id == job_id).values(state="cancelled"))


# --8<-- [end:cancel]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add_all([Job(title="resize"), Job(title="upload")])

        # --8<-- [start:check]
        await work(session_factory)
        async with session_factory() as session:
            job = await session.get_one(Job, 2)
            assert job.state == "cancelled", f"{job.title} is {job.state}"
        # --8<-- [end:check]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
