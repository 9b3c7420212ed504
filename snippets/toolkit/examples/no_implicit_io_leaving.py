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
    notes: Mapped[str] = mapped_column(deferred=True)


# --8<-- [start:swallow]
def notes_or_nothing(user: User) -> str:
    try:
        return user.notes
    except Exception:
        return ""
    # --8<-- [end:swallow]


# --8<-- [start:leaving]
async def without_an_error(user: User) -> None:
    try:
        with no_implicit_io():
            notes_or_nothing(user)
    except ImplicitIO as error:
        print(error.attribute, "|", error.code)
        #> User.notes | return user.notes


async def with_an_error(user: User) -> None:
    try:
        with no_implicit_io():
            assert notes_or_nothing(user) == "gift"
    except ImplicitIO as error:
        print(error.attribute, "| from", type(error.__cause__).__name__)
        #> User.notes | from AssertionError


async def in_a_group(user: User) -> None:
    async def read() -> str:
        return user.notes

    try:
        with no_implicit_io():
            async with asyncio.TaskGroup() as group:
                group.create_task(read())
    except ExceptionGroup as error:
        print(error.exceptions[0].args[0].partition(":")[0])
        #> User.notes is not loaded, and touching it sends SQL


async def cancelled(user: User) -> None:
    async def work() -> None:
        with no_implicit_io():
            notes_or_nothing(user)
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)  # It starts, and waits.
    task.cancel()
    try:
        await task
    except asyncio.CancelledError as error:
        print(error.__notes__[0].partition(",")[0])
        #> no_implicit_io: this was swallowed before: User.notes is not loaded
    # --8<-- [end:leaving]


# --8<-- [start:nested]
async def an_inner_block_expects_one(user: User) -> None:
    with no_implicit_io():
        try:
            with no_implicit_io():
                notes_or_nothing(user)
        except ImplicitIO:
            print("told once")
            #> told once
    # --8<-- [end:nested]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, notes="gift"))
    for work in without_an_error, with_an_error, in_a_group, cancelled, an_inner_block_expects_one:
        async with AsyncSession(engine) as session:
            await work(await session.get_one(User, 1))
    await engine.dispose()


asyncio.run(main())
