# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

# aiosqlite's own coroutine is dropped when the load fails.
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor' was never awaited")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]  # A trigger stores it in lower case.


# --8<-- [end:model]


# --8<-- [start:table]
async def read_back(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("What the test reads | it gets")
    #> What the test reads | it gets

    async with session_factory(expire_on_commit=False) as session:
        user = await saved(session)
        print("the object, expire_on_commit=False |", user.name)
        #> the object, expire_on_commit=False | NEW
        await session.get_one(User, user.id)
        print("... after get() in the same session |", user.name)
        #> ... after get() in the same session | NEW
        (await session.scalars(select(User))).all()
        print("... after select(User) in the same session |", user.name)
        #> ... after select(User) in the same session | NEW
        name = await session.scalar(select(User.name).where(User.id == user.id))
        print("select(User.name), the column |", name)
        #> select(User.name), the column | new
        (await session.scalars(select(User).execution_options(populate_existing=True))).all()
        print("the object, after populate_existing |", user.name)
        #> the object, after populate_existing | new

    async with session_factory(expire_on_commit=False) as session:
        user = await saved(session)
        await session.refresh(user)
        print("the object, after refresh() |", user.name)
        #> the object, after refresh() | new
    async with session_factory() as session:
        other = await session.get_one(User, user.id)
        print("get() in another session |", other.name)
        #> get() in another session | new

    async with session_factory(expire_on_commit=True) as session:
        user = await saved(session)
        try:
            print(user.name)
        except SQLAlchemyError as error:
            print("the object, expire_on_commit=True |", cause(error))
            #> the object, expire_on_commit=True | MissingGreenlet
        name = await session.run_sync(lambda _: user.name)
        print("... inside run_sync, as in a sync Session |", name)
        #> ... inside run_sync, as in a sync Session | new


# --8<-- [end:table]


async def saved(session: AsyncSession) -> User:
    user = User(name="NEW")
    session.add(user)
    await session.commit()
    return user


def cause(error: Exception) -> str:
    """SQLAlchemy 2.1 wraps MissingGreenlet on aiosqlite and psycopg, and does not on asyncpg."""
    return type(getattr(error, "orig", None) or error).__name__


TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER lower_name AFTER INSERT ON users BEGIN "
        "UPDATE users SET name = lower(name) WHERE id = NEW.id; END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION lower_name() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.name = lower(NEW.name); RETURN NEW; END $$",
        "CREATE TRIGGER lower_name BEFORE INSERT ON users "
        "FOR EACH ROW EXECUTE FUNCTION lower_name()",
    ],
}


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            for statement in TRIGGERS[engine.dialect.name]:
                await connection.exec_driver_sql(statement)
        await read_back(async_sessionmaker(engine))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
