# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from no_implicit_io import ImplicitIO, no_implicit_io
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:block]
async def rename(session: AsyncSession) -> None:
    user = await session.get_one(User, 1)
    user.name = "Ada"
    await session.commit()
    try:
        with no_implicit_io():
            print(user.name)
    except ImplicitIO as error:
        print(error.attribute, "|", error.reason, "|", error.code)
        #> User.name | expired | print(user.name)

    with no_implicit_io():
        await session.refresh(user)
        print(user.name)
        #> Ada
    # --8<-- [end:block]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, name="Augusta"))
    async with AsyncSession(engine) as session:
        await rename(session)
    await engine.dispose()


asyncio.run(main())
