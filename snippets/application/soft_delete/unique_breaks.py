# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.IntegrityError
import asyncio
import os
from datetime import UTC, datetime

from sqlalchemy import DateTime
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


# --8<-- [end:model]


# --8<-- [start:again]
async def sign_up_again(session: AsyncSession) -> None:
    user = User(email="ada@example.org")
    session.add(user)
    await session.flush()
    user.deleted_at = datetime.now(UTC)
    await session.flush()
    session.add(User(email="ada@example.org"))
    await session.flush()
    print("signed up again")


# --8<-- [end:again]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            await sign_up_again(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
