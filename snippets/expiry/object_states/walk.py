# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:state-of]
def state_of(user: User) -> str:
    state = inspect(user)
    names = ("transient", "pending", "persistent", "deleted", "detached")
    return next(name for name in names if getattr(state, name))


# --8<-- [end:state-of]


# --8<-- [start:walk]
async def walk(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        user = User(name="Ada")
        print("after User(...):", state_of(user))
        #> after User(...): transient
        session.add(user)
        print("after add():", state_of(user))
        #> after add(): pending
        await session.flush()
        print("after flush():", state_of(user))
        #> after flush(): persistent
        await session.commit()
        print("after commit():", state_of(user))
        #> after commit(): persistent
        await session.delete(user)
        print("after delete():", state_of(user))
        #> after delete(): persistent
        await session.flush()
        print("after the next flush():", state_of(user))
        #> after the next flush(): deleted
        await session.commit()
        print("after the next commit():", state_of(user))
        #> after the next commit(): detached


# --8<-- [end:walk]


# --8<-- [start:deleted]
async def delete_and_commit(session: AsyncSession) -> None:
    user = User(name="Ada")
    session.add(user)
    await session.flush()
    await session.delete(user)
    await session.commit()
    print("after commit():", state_of(user))
    #> after commit(): deleted
    await session.close()
    print("after close():", state_of(user))
    #> after close(): deleted
    print("was it deleted?", inspect(user).was_deleted)
    #> was it deleted? True


# --8<-- [end:deleted]


# --8<-- [start:back]
async def walk_back(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        kept = User(name="Bob")
        session.add(kept)
        await session.commit()

        added = User(name="Eve")
        session.add(added)
        await session.flush()
        await session.delete(kept)
        await session.flush()
        await session.rollback()
        print("an INSERT rolled back:", state_of(added))
        #> an INSERT rolled back: transient
        print("a DELETE rolled back:", state_of(kept))
        #> a DELETE rolled back: persistent

        session.add(added)
        session.expunge(added)
        print("pending, then expunged:", state_of(added))
        #> pending, then expunged: transient
    print("persistent, then the session closed:", state_of(kept))
    #> persistent, then the session closed: detached


# --8<-- [end:back]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        await walk(session_factory)
        async with session_factory(expire_on_commit=False) as session:
            await delete_and_commit(session)
        await walk_back(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
