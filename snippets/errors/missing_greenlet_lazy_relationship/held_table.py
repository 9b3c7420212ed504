# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
    undefer,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    bio: Mapped[str] = mapped_column(deferred=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


async def by_get(session: AsyncSession) -> User:
    return await session.get_one(User, 1, options=[selectinload(User.orders)])


async def by_get_undefer(session: AsyncSession) -> User:
    return await session.get_one(User, 1, options=[undefer(User.bio)])


async def by_get_populate(session: AsyncSession) -> User:
    options = [selectinload(User.orders)]
    return await session.get_one(User, 1, options=options, populate_existing=True)


async def by_get_locking(session: AsyncSession) -> User:
    options = [selectinload(User.orders)]
    return await session.get_one(User, 1, options=options, with_for_update=True)


async def by_select(session: AsyncSession) -> User:
    query = select(User).where(User.id == 1).options(selectinload(User.orders))
    return (await session.scalars(query)).one()


async def by_select_undefer(session: AsyncSession) -> User:
    query = select(User).where(User.id == 1).options(undefer(User.bio))
    return (await session.scalars(query)).one()


async def by_refresh(session: AsyncSession) -> User:
    user = await session.get_one(User, 1)
    await session.refresh(user, ["orders"])
    return user


async def by_awaitable(session: AsyncSession) -> User:
    user = await session.get_one(User, 1)
    await user.awaitable_attrs.orders
    return user


WAYS: dict[str, tuple[str, Callable[[AsyncSession], Awaitable[User]]]] = {
    "`get_one(…, options=[selectinload(User.orders)])`": ("orders", by_get),
    "`get_one(…, options=[undefer(User.bio)])`": ("bio", by_get_undefer),
    "`get_one(…, options=[…], populate_existing=True)`": ("orders", by_get_populate),
    "`get_one(…, options=[…], with_for_update=True)`": ("orders", by_get_locking),
    "`select(User).options(selectinload(User.orders))`": ("orders", by_select),
    "`select(User).options(undefer(User.bio))`": ("bio", by_select_undefer),
    '`refresh(user, ["orders"])`': ("orders", by_refresh),
    "`user.awaitable_attrs.orders`": ("orders", by_awaitable),
}


# --8<-- [start:table]
async def compare(session_factory: async_sessionmaker[AsyncSession]) -> None:
    print("the user is | new to the session | there already | there, expired")
    #> the user is | new to the session | there already | there, expired
    for name, (attribute, load) in WAYS.items():
        cells = [name]
        for before in ("new to the session", "there already", "there, expired"):
            async with session_factory() as session:
                # The session alone would not keep it: it refers to its objects weakly.
                held = None if before == "new to the session" else await session.get_one(User, 1)
                if before == "there, expired":
                    session.expire(held)
                user = await load(session)
                cells.append("not loaded" if attribute in inspect(user).unloaded else "loaded")
        print(" | ".join(cells))
        #> `get_one(…, options=[selectinload(User.orders)])` | loaded | not loaded | not loaded
        #> `get_one(…, options=[undefer(User.bio)])` | loaded | not loaded | not loaded
        #> `get_one(…, options=[…], populate_existing=True)` | loaded | loaded | loaded
        #> `get_one(…, options=[…], with_for_update=True)` | loaded | loaded | loaded
        #> `select(User).options(selectinload(User.orders))` | loaded | loaded | loaded
        #> `select(User).options(undefer(User.bio))` | loaded | loaded | loaded
        #> `refresh(user, ["orders"])` | loaded | loaded | loaded
        #> `user.awaitable_attrs.orders` | loaded | loaded | loaded


# --8<-- [end:table]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(User(id=1, bio="Analyst", orders=[Order()]))
        await compare(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
