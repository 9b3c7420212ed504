# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (on SQLite a failed statement does not end the transaction)
import asyncio
import os
import sys

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


# --8<-- [start:save]
async def save(session: AsyncSession, email: str) -> None:
    try:
        async with session.begin_nested():
            await session.execute(insert(User).values(email=email))
    except IntegrityError:
        print(f"{email} is taken")
        #> ada@example.org is taken


# --8<-- [end:save]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        # --8<-- [start:call]
        async with session_factory() as session:
            await save(session, "ada@example.org")
            await save(session, "ada@example.org")
            await session.commit()
        async with session_factory() as session:
            stored = await session.scalar(select(func.count()).select_from(User))
            assert stored == 1, f"committed without an error, and {stored} users are stored"
        # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
