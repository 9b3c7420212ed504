# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import textwrap
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:table]
async def compare(session: AsyncSession) -> None:
    users: Any = select(User)
    column: Any = "name"
    connection: Any = await session.connection()
    print("You write | it says")
    #> You write | it says
    for what, query in [
        ('.where("id = 1")', lambda: session.execute(users.where("id = 1"))),
        ('select("name")', lambda: session.execute(select(column))),
        ('.order_by("id DESC")', lambda: session.execute(users.order_by("id DESC"))),
        ('connection.execute("...")', lambda: connection.execute("SELECT 1")),
    ]:
        print(what, "|", await what_it_says(query))
        #> .where("id = 1") | ArgumentError: Textual SQL expression 'id = 1' should be explicitly …
        #> select("name") | ArgumentError: Textual column expression 'name' should be explicitly …
        #> .order_by("id DESC") | CompileError: Can't resolve label reference for ORDER BY / GROUP BY / …
        #> connection.execute("...") | ObjectNotExecutableError: Not an executable object: 'SELECT 1'


# --8<-- [end:table]


async def what_it_says(query: Callable[[], Awaitable[object]]) -> str:
    try:
        await query()
    except SQLAlchemyError as error:
        return f"{type(error).__name__}: {textwrap.shorten(str(error), 62, placeholder=' …')}"
    return "nothing"


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        async with session_factory() as session:
            await compare(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
