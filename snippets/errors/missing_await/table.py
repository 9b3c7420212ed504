# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import inspect
import operator
import os
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


METHODS = (
    ("execute", "scalars", "scalar", "stream", "run_sync"),
    ("get", "get_one", "refresh", "merge", "delete"),
    ("flush", "commit", "rollback", "close"),
    ("add", "add_all", "expire", "expunge"),
)


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:table]
async def compare(session: AsyncSession) -> None:
    users = select(User)
    print("Without await | it says")
    #> Without await | it says
    for call, use in [
        ("for user in session.scalars(users)", iter),
        ("session.execute(users)[0]", lambda it: it[0]),
        ("session.get(User, 1).name", lambda it: it.name),
    ]:
        print(call, "|", what_it_says(session.scalars(users), use))
        #> for user in session.scalars(users) | 'coroutine' object is not iterable
        #> session.execute(users)[0] | 'coroutine' object is not subscriptable
        #> session.get(User, 1).name | 'coroutine' object has no attribute 'name'


# --8<-- [end:table]


# --8<-- [start:methods]
async def methods(session: AsyncSession) -> None:
    print("Without await | it says")
    #> Without await | it says
    for call, name in [
        ("execute(users)", "scalars"),
        ("execute(users)", "scalar_one"),
        ("execute(users)", "scalar_one_or_none"),
        ("execute(users)", "scalar"),
        ("execute(users)", "mappings"),
        ("execute(users)", "fetchall"),
        ("scalars(users)", "all"),
        ("scalars(users)", "first"),
        ("scalars(users)", "one"),
        ("scalars(users)", "one_or_none"),
        ("scalars(users)", "unique"),
    ]:
        said = what_it_says(session.scalars(select(User)), operator.attrgetter(name))
        print(f"{call}.{name}() | {said}")
        #> execute(users).scalars() | 'coroutine' object has no attribute 'scalars'
        #> execute(users).scalar_one() | 'coroutine' object has no attribute 'scalar_one'
        #> execute(users).scalar_one_or_none() | 'coroutine' object has no attribute 'scalar_one_or_none'
        #> execute(users).scalar() | 'coroutine' object has no attribute 'scalar'
        #> execute(users).mappings() | 'coroutine' object has no attribute 'mappings'
        #> execute(users).fetchall() | 'coroutine' object has no attribute 'fetchall'
        #> scalars(users).all() | 'coroutine' object has no attribute 'all'
        #> scalars(users).first() | 'coroutine' object has no attribute 'first'
        #> scalars(users).one() | 'coroutine' object has no attribute 'one'
        #> scalars(users).one_or_none() | 'coroutine' object has no attribute 'one_or_none'
        #> scalars(users).unique() | 'coroutine' object has no attribute 'unique'


# --8<-- [end:methods]


# --8<-- [start:awaited]
def awaited() -> None:
    print("Methods of the session | need an await")
    #> Methods of the session | need an await
    for group in METHODS:
        answers = {inspect.iscoroutinefunction(getattr(AsyncSession, name)) for name in group}
        print(", ".join(group), "|", *("yes" if needed else "no" for needed in answers))
        #> execute, scalars, scalar, stream, run_sync | yes
        #> get, get_one, refresh, merge, delete | yes
        #> flush, commit, rollback, close | yes
        #> add, add_all, expire, expunge | no


# --8<-- [end:awaited]


def what_it_says(coroutine: Any, use: Any) -> str:
    try:
        use(coroutine)
    except (AttributeError, TypeError) as error:
        return str(error)
    finally:
        coroutine.close()
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
            await methods(session)
        awaited()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
