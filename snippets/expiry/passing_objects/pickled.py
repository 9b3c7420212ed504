# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import pickle

from sqlalchemy import ForeignKey, inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    item: Mapped[str]


# --8<-- [start:pickle]
async def through_pickle(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        user = await session.get_one(User, 1, options=[selectinload(User.orders)])
        copy: User = pickle.loads(pickle.dumps(user))
        print(copy.name, [order.item for order in copy.orders])
        #> Ada ['Punch cards']
        print(f"the same object: {copy is user}, detached: {inspect(copy).detached}")
        #> the same object: False, detached: True
        print(f"in the session: {copy in session}")
        #> in the session: False


# --8<-- [end:pickle]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(User(id=1, name="Ada", orders=[Order(item="Punch cards")]))
        await through_pickle(session_factory)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
