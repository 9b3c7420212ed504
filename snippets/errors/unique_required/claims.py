# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: sqlalchemy==2.0.*
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ForeignKey, Integer, Select, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, contains_eager, joinedload, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id = mapped_column(Integer, primary_key=True)
    user_id = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id = mapped_column(Integer, primary_key=True)
    orders = relationship(Order)


class EagerUser(Base):
    __table__ = User.__table__

    orders = relationship(Order, lazy="joined", viewonly=True)


JOINED = select(User).options(joinedload(User.orders))


async def one_user(session: AsyncSession) -> None:
    session.add(User(id=1, orders=[Order(id=1), Order(id=2)]))
    await session.commit()
    session.expunge_all()


async def innermost_frame(session: AsyncSession, query: Select[Any]) -> str:
    """Of the error, or nothing if all rows come."""
    try:
        (await session.scalars(query)).all()
    except InvalidRequestError as error:
        assert "The unique() method must be invoked" in str(error)
        return traceback.extract_tb(error.__traceback__)[-1].name
    return ""


async def claim_without_joinedload(engine: AsyncEngine) -> None:
    """A relationship that is declared `lazy="joined"` raises it, and so does `contains_eager()` of a collection."""
    async with AsyncSession(engine) as session:
        await one_user(session)
        for query in (select(EagerUser), select(User).join(User.orders).options(contains_eager(User.orders))):
            assert await innermost_frame(session, query) == "require_unique"


async def claim_no_rows(engine: AsyncEngine) -> None:
    """A query that finds no row raises nothing, so a test with an empty table does not find the mistake."""
    async with AsyncSession(engine) as session:
        assert await innermost_frame(session, JOINED) == ""
        await one_user(session)
        assert await innermost_frame(session, JOINED) == "require_unique"


async def claim_one_object(engine: AsyncEngine) -> None:
    """`get()`, `session.scalar()` and `first()` need no `unique()`."""
    async with AsyncSession(engine) as session:
        await one_user(session)
        got = await session.get_one(User, 1, options=[joinedload(User.orders)])
        assert len(got.orders) == 2
        assert await session.scalar(JOINED) is got
        assert (await session.scalars(JOINED)).first() is got


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
