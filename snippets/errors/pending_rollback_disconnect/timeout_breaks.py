# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.PendingRollbackError
import asyncio
import os

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


# Counts to a million, on either database.
SLOW = text(
    "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 1000000)"
    " SELECT max(n) FROM counter"
)


# --8<-- [start:page]
async def page(session: AsyncSession) -> None:
    users = await session.scalar(select(func.count()).select_from(User))
    try:
        async with asyncio.timeout(0.02):
            await session.execute(SLOW)
    except TimeoutError:
        print("no statistics today")
        #> no statistics today
    newest = await session.scalar(select(func.max(User.id)))
    print(f"{users} users, the newest: {newest}")


# --8<-- [end:page]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with async_sessionmaker(engine)() as session:
            await page(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
