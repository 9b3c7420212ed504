# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "pydantic>=2", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:schema]
class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


# --8<-- [end:schema]


# --8<-- [start:border]
async def rename(session_factory: async_sessionmaker[AsyncSession], name: str) -> UserRead:
    async with session_factory() as session:
        user = await session.get_one(User, 1)
        user.name = name
        await session.flush()
        answer = UserRead.model_validate(user)
        await session.commit()
    return answer


# --8<-- [end:border]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        # --8<-- [start:caller]
        answer = await rename(session_factory, "Ada Lovelace")
        print(answer)
        #> id=1 name='Ada Lovelace'
        # --8<-- [end:caller]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
