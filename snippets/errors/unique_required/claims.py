# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ForeignKey, Result, Select, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, contains_eager, joinedload, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list[Order]] = relationship()


class EagerUser(Base):
    __table__ = User.__table__

    orders: Mapped[list[Order]] = relationship(lazy="joined", viewonly=True)


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
    """`all()` raises it too for a collection that is declared `lazy="joined"`, and with `contains_eager()` of a collection."""
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
    """`get()`, `session.scalar()` and `first()` need no `unique()`, and load the whole collection."""
    async with AsyncSession(engine) as session:
        await one_user(session)
        got = [await session.get(User, 1, options=[joinedload(User.orders)])]
        session.expunge_all()
        got.append(await session.scalar(JOINED))
        session.expunge_all()
        got.append((await session.scalars(JOINED)).first())
        assert [len(user.orders) if user else 0 for user in got] == [2, 2, 2]


async def claim_other_readers(engine: AsyncEngine) -> None:
    """A `for` loop over the result, `one_or_none()` and `scalar_one()` need `unique()` too."""
    async with AsyncSession(engine) as session:
        await one_user(session)
        readers: list[Callable[[Result[Any]], object]] = [list, Result.one_or_none, Result.scalar_one]
        for read in readers:
            error = ""
            try:
                read(await session.execute(JOINED))
            except InvalidRequestError as raised:
                error = str(raised)
            assert "The unique() method must be invoked" in error
            assert read((await session.execute(JOINED)).unique())


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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
