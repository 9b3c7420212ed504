# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (the operator || for JSONB is PostgreSQL's)
import asyncio
import os
import sys
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(MutableDict.as_mutable(JSONB()))


# --8<-- [start:set]
async def set_key(session: AsyncSession, user_id: int, key: str, value: str) -> None:
    merged = User.settings.concat({key: value})
    await session.execute(update(User).where(User.id == user_id).values(settings=merged))


# --8<-- [end:set]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, settings={"theme": "light"}))
        # --8<-- [start:both]
        async with session_factory() as phone, session_factory() as laptop:
            user = await laptop.get_one(User, 1)
            await set_key(phone, 1, "language", "en")
            await phone.commit()
            await set_key(laptop, 1, "theme", "dark")
            await laptop.commit()
            await laptop.refresh(user)
        print(user.settings)
        #> {'theme': 'dark', 'language': 'en'}
        # --8<-- [end:both]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
