# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


async def store(session: AsyncSession) -> None:
    session.add(User(id=1, orders=[Order(id=1), Order(id=2)]))
    session.add(User(id=2))
    await session.commit()


async def claim_first(engine: AsyncEngine) -> None:
    """`Query.first()` added `LIMIT 1` to the SQL. `(await session.scalars(…)).first()` does not: write `.limit(1)` yourself."""
    sent: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    async with AsyncSession(engine) as session:
        await store(session)
        await session.run_sync(lambda sync: sync.query(User).first())
        assert "LIMIT" in sent[-1]
        (await session.scalars(select(User))).first()
        assert "LIMIT" not in sent[-1]
        (await session.scalars(select(User).limit(1))).first()
        assert "LIMIT" in sent[-1]


async def claim_unique(engine: AsyncEngine) -> None:
    """With `joinedload()` of a collection, `select()` needs `.unique()` before `.all()`, or it raises `InvalidRequestError`. `Query` did that by itself."""
    statement = select(User).options(joinedload(User.orders))
    async with AsyncSession(engine) as session:
        await store(session)
        error = None
        try:
            (await session.scalars(statement)).all()
        except InvalidRequestError as raised:
            error = raised
        assert "The unique() method must be invoked" in str(error)
        assert len((await session.scalars(statement)).unique().all()) == 2
        old = await session.run_sync(lambda sync: sync.query(User).options(joinedload(User.orders)).all())
        assert len(old) == 2


async def claim_names(engine: AsyncEngine) -> None:
    """`select()` has `filter()` as another name for `where()`, and `filter_by()`, `order_by()`, `join()`, `options()` and `limit()` under their old names."""
    by_where = select(User).where(User.id == 1)
    by_filter = select(User).filter(User.id == 1)
    assert str(by_filter) == str(by_where)
    assert str(select(User).filter_by(id=1)) == str(by_where)
    names = ["order_by", "join", "options", "limit"]
    assert [name for name in names if not hasattr(by_where, name)] == []


async def claim_registry(engine: AsyncEngine) -> None:
    """An `async_scoped_session` has no `query` either, and the synchronous session in `run_sync()` has it."""
    registry = async_scoped_session(async_sessionmaker(engine), scopefunc=asyncio.current_task)
    assert not hasattr(registry, "query")
    assert hasattr(Session, "query")


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
