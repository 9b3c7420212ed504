# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# raises: sqlalchemy.exc.MissingGreenlet, sqlalchemy.exc.StatementError
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


# --8<-- [start:change]
async def change_email(session: AsyncSession, email: str) -> str:
    user = await session.get_one(User, 1)
    user.email = email
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        return f"{email} is taken, it stays {user.email}"
    return f"it is {user.email} now"


# --8<-- [end:change]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add_all([User(id=1, email="ada@x.org"), User(id=2, email="bob@x.org")])
        async with session_factory() as session:
            print(await change_email(session, "bob@x.org"))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
