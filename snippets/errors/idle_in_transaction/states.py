# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (pg_stat_activity is PostgreSQL's)
import asyncio
import os
import sys

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)


async def state_of(engine: AsyncEngine, process: int) -> str:
    query = text("SELECT state FROM pg_stat_activity WHERE pid = :pid")
    async with engine.connect() as connection:
        return str(await connection.scalar(query, {"pid": process}))


# --8<-- [start:states]
async def watch(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        process = await session.scalar(select(func.pg_backend_pid())) or 0
        await session.scalars(select(Document.id))
        print(f"after a SELECT: {await state_of(engine, process)}")
        #> after a SELECT: idle in transaction
        await session.commit()
        print(f"after the commit: {await state_of(engine, process)}")
        #> after the commit: idle


# --8<-- [end:states]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await watch(engine)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
