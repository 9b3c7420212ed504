# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite defers foreign keys only)
import asyncio
import os
import sys

from sqlalchemy import UniqueConstraint
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
    email: Mapped[str]
    # --8<-- [start:constraint]
    __table_args__ = (
        UniqueConstraint("email", name="one_email", deferrable=True, initially="DEFERRED"),
    )
    # --8<-- [end:constraint]


# --8<-- [start:sign-up]
async def sign_up_twice(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        session.add_all([User(email="ada@example.org"), User(email="ada@example.org")])
        await session.flush()
        print("the flush has passed")
        #> the flush has passed
        try:
            await session.commit()
        except IntegrityError as error:
            print("one_email" in str(error.orig), "[SQL:" in str(error))
            #> True False


# --8<-- [end:sign-up]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await sign_up_twice(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
