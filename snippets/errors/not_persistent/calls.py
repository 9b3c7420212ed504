# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import re
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def text_of(error: InvalidRequestError) -> str:
    """Addresses and the numbers of sessions differ from run to run."""
    return re.sub(r"0x[0-9a-f]+|'\d+'", "…", str(error))


async def refused(call: Callable[[User], Awaitable[None]], user: User) -> str:
    try:
        await call(user)
    except InvalidRequestError as error:
        return text_of(error)
    return "done"


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    rows = [("You call", "with an object that is", "it says")]
    async with session_factory() as session, session_factory() as other:
        added = User(name="Grace")
        session.add(added)
        for what, user in [
            ("new", User(name="Grace")),
            ("pending", added),
            ("in another one", await other.get_one(User, 1)),
        ]:
            rows.append(("refresh", what, await refused(session.refresh, user)))
            rows.append(("delete", what, await refused(session.delete, user)))
        try:
            session.expunge(await other.get_one(User, 1))
        except InvalidRequestError as error:
            rows.append(("expunge", "in another one", text_of(error)))
        session.expunge(added)
        mine = await session.get_one(User, 1)
    async with session_factory() as session:
        rows.append(("refresh", "detached", await refused(session.refresh, mine)))
        rows.append(("delete", "detached", await refused(session.delete, mine)))
    for row in rows:
        print(" | ".join(row))
        #> You call | with an object that is | it says
        #> refresh | new | Instance '<User at …>' is not persistent within this Session
        #> delete | new | Instance '<User at …>' is not persisted
        #> refresh | pending | Instance '<User at …>' is not persistent within this Session
        #> delete | pending | Instance '<User at …>' is not persisted
        #> refresh | in another one | Instance '<User at …>' is not persistent within this Session
        #> delete | in another one | Object '<User at …>' is already attached to session … (this is …)
        #> expunge | in another one | Instance <User at …> is not present in this Session
        #> refresh | detached | Instance '<User at …>' is not persistent within this Session
        #> delete | detached | done


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada"))
        await compare(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
