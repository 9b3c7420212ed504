# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "pytest", "pytest-asyncio",
#     "aiosqlite", "asyncpg", "psycopg[binary]",
# ]
# ///
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    relationship,
    selectinload,
)

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:application]
def lazy_revenue(session: Session) -> int:
    users = session.scalars(select(User))
    return sum(order.total for user in users for order in user.orders)


def eager_revenue(session: Session) -> int:
    users = session.scalars(select(User).options(selectinload(User.orders)))
    return sum(order.total for user in users for order in user.orders)


# --8<-- [end:application]


# --8<-- [start:fixture]
@pytest.fixture
def no_implicit_io() -> Iterator[None]:
    def refuse(_: ORMExecuteState) -> None:
        frame = sys._getframe()
        while frame.f_back is not None:
            frame = frame.f_back
            reads = frame.f_code is InstrumentedAttribute.__get__.__code__
            if reads and frame.f_back is not None:  # Not for awaitable_attrs: its greenlet starts here.
                pytest.fail(f"reading {frame.f_locals['self']} sends SQL")

    event.listen(Session, "do_orm_execute", refuse)
    yield
    event.remove(Session, "do_orm_execute", refuse)


# --8<-- [end:fixture]


@pytest_asyncio.fixture
async def session() -> AsyncIterator[AsyncSession]:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(User(id=1, orders=[Order(total=30), Order(total=12)]))
    async with AsyncSession(engine) as session:
        yield session
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await engine.dispose()


# --8<-- [start:tests]
@pytest.mark.asyncio
async def test_lazy_alone(session: AsyncSession) -> None:
    assert await session.run_sync(lazy_revenue) == 42


@pytest.mark.asyncio
async def test_lazy(session: AsyncSession, no_implicit_io: None) -> None:
    assert await session.run_sync(lazy_revenue) == 42


@pytest.mark.asyncio
async def test_eager(session: AsyncSession, no_implicit_io: None) -> None:
    assert await session.run_sync(eager_revenue) == 42


@pytest.mark.asyncio
async def test_awaited(session: AsyncSession, no_implicit_io: None) -> None:
    user = await session.get_one(User, 1)
    assert len(await user.awaitable_attrs.orders) == 2


# --8<-- [end:tests]


# --8<-- [start:run]
def run_pytest() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    wide = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(command, env=wide, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if line.startswith(("FAILED", "ERROR")):
            print(line.split("::")[-1])
            #> test_lazy - Failed: reading User.orders sends SQL
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 1 failed, 3 passed


# --8<-- [end:run]


if __name__ == "__main__":
    run_pytest()
