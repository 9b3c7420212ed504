# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite's insert is in sqlalchemy.dialects.sqlite)
import asyncio
import os
import sys

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Subscriber(Base):
    __tablename__ = "subscribers"

    email: Mapped[str] = mapped_column(primary_key=True)


# --8<-- [start:subscribe]
async def subscribe(session: AsyncSession, emails: list[str]) -> None:
    statement = insert(Subscriber).on_conflict_do_nothing().returning(Subscriber.email)
    added = await session.scalars(statement, [{"email": email} for email in emails])
    print("added:", *sorted(added))
    #> added: alan edsger grace
    await session.commit()


# --8<-- [end:subscribe]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Subscriber(email="ada"))
        async with session_factory() as session:
            await subscribe(session, ["grace", "alan", "ada", "edsger"])
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
