# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.PendingRollbackError
import asyncio
import os

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


# --8<-- [start:add]
async def add_user(session: AsyncSession, email: str) -> None:
    try:
        session.add(User(email=email))
        await session.flush()
    except IntegrityError:
        print(f"{email} is there already")
        #> ada@example.org is there already


async def import_users(session: AsyncSession) -> None:
    for email in ("ada@example.org", "ada@example.org", "grace@example.org"):
        await add_user(session, email)
    await session.commit()


# --8<-- [end:add]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory() as session:
            await import_users(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
