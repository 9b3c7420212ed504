# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

from sqlalchemy import inspect
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


STATES = ("transient", "pending", "persistent", "deleted", "detached")

CALLS: dict[str, Callable[[AsyncSession, User], Coroutine[Any, Any, Any] | None]] = {
    "add": lambda session, user: session.add(user),
    "delete": lambda session, user: session.delete(user),
    "refresh": lambda session, user: session.refresh(user),
    "expire": lambda session, user: session.expire(user),
    "expunge": lambda session, user: session.expunge(user),
    "merge": lambda session, user: session.merge(user),
}


async def bring_to(state: str, session: AsyncSession) -> User:
    user = User(name="Ada")
    if state != "transient":
        session.add(user)
    if state not in ("transient", "pending"):
        await session.flush()
    if state == "deleted":
        await session.delete(user)
        await session.flush()
    if state == "detached":
        session.expunge(user)
    return user


# --8<-- [start:table]
async def outcome(
    call: Callable[[AsyncSession, User], Coroutine[Any, Any, Any] | None],
    session: AsyncSession,
    user: User,
) -> str:
    try:
        result = call(session, user)
        merged = await result if result is not None else None
    except InvalidRequestError:
        return "refused"
    return next(state for state in STATES if getattr(inspect(merged or user), state))


async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print(" | ".join(["call", *STATES]))
    #> call | transient | pending | persistent | deleted | detached
    for name, call in CALLS.items():
        cells = []
        for state in STATES:
            async with session_factory() as session:
                cells.append(await outcome(call, session, await bring_to(state, session)))
        print(" | ".join([name, *cells]))
        #> add | pending | pending | persistent | refused | persistent
        #> delete | refused | refused | persistent | deleted | persistent
        #> refresh | refused | refused | persistent | refused | refused
        #> expire | refused | refused | persistent | refused | refused
        #> expunge | refused | transient | detached | detached | refused
        #> merge | pending | persistent | persistent | pending | persistent


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await compare(async_sessionmaker(engine, expire_on_commit=False))
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
