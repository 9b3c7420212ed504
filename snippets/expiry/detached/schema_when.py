# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "pydantic>=2", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import re
import warnings

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("When you validate | default | expire_on_commit=False")
    #> When you validate | default | expire_on_commit=False
    for when in ("before commit", "after commit", "after rollback", "after commit and close"):
        default = await outcome(session_factory(), when)
        keeping = await outcome(session_factory(expire_on_commit=False), when)
        print(f"{when} | {default} | {keeping}")
        #> before commit | Ada | Ada
        #> after commit | ValidationError: MissingGreenlet | Ada
        #> after rollback | ValidationError: MissingGreenlet | ValidationError: MissingGreenlet
        #> after commit and close | ValidationError: DetachedInstanceError | Ada


# --8<-- [end:table]


async def outcome(session: AsyncSession, when: str) -> str:
    async with session:
        user = await session.get_one(User, 1)
        if when == "after rollback":
            await session.rollback()
        elif when != "before commit":
            await session.commit()
        if when == "after commit and close":
            await session.close()
        try:
            return UserRead.model_validate(user).name
        except ValidationError as error:
            inner = re.findall("MissingGreenlet|DetachedInstanceError", str(error))
            return f"ValidationError: {inner[0]}"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        # With aiosqlite on 2.1, each refused read leaves a coroutine behind.
        warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
