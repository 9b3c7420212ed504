# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable

from sqlalchemy import ForeignKey, func, inspect, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
# On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
warnings.filterwarnings("ignore", "coroutine .* was never awaited")


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


async def claim_rollback_without_a_transaction(engine: AsyncEngine) -> None:
    """With `expire_on_commit=False`, a rollback right after the commit does not expire the object."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = User(name="Ada")
        session.add(user)
        await session.commit()
        await session.rollback()
        assert user.name == "Ada"


async def claim_deleted(engine: AsyncEngine) -> None:
    """After a commit with `expire_on_commit=False`, an object that you deleted is in the state `deleted`; with the default it is `detached`."""
    states = []
    for setting in (False, True):
        async with AsyncSession(engine, expire_on_commit=setting) as session:
            user = User(name="Ada")
            session.add(user)
            await session.commit()
            await session.delete(user)
            await session.commit()
            states.append((inspect(user).deleted, inspect(user).detached))
    assert states == [(True, False), (False, True)]


async def claim_sql_expression(engine: AsyncEngine) -> None:
    """With `expire_on_commit=False`, a plain column that you set to an SQL expression (here `func.upper()`) is expired after the commit."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = User(name="Ada")
        session.add(user)
        await session.flush()
        user.name = func.upper(User.name)
        await session.commit()
        assert inspect(user).expired_attributes == {"name"}
        added = User(name=func.upper("Grace"))
        session.add(added)
        await session.commit()
        assert inspect(added).expired_attributes == {"name"}


async def error_of_assigning(engine: AsyncEngine, name: str, value: object) -> SQLAlchemyError | None:
    async with AsyncSession(engine) as session:
        user = User(name="Ada")
        session.add(user)
        await session.commit()
        try:
            setattr(user, name, value)
        except SQLAlchemyError as error:
            return error
    return None


async def claim_assign_to_expired(engine: AsyncEngine) -> None:
    """After a commit with the default, you can assign a plain column of the expired object. Assigning its primary key or its collection raises."""
    assert await error_of_assigning(engine, "name", "Grace") is None
    assert await error_of_assigning(engine, "id", 7) is not None
    assert await error_of_assigning(engine, "orders", []) is not None


async def claim_failed_flush(engine: AsyncEngine) -> None:
    """If the flush that fails is inside `begin_nested()`, an object that was not changed in the savepoint can still be read."""
    async with AsyncSession(engine) as session:
        user = User(id=1, name="Ada")
        session.add(user)
        await session.flush()
        error = None
        try:
            async with session.begin_nested():
                session.add(Order(user_id=None))
        except IntegrityError as raised:
            error = raised
        assert error is not None
        assert user.name == "Ada"


async def claim_default_reads_afresh(engine: AsyncEngine) -> None:
    """With the default, a `get()` or `select()` after the commit reads the row again; a plain attribute read in its place raises."""
    async with AsyncSession(engine) as session:
        user = User(id=1, name="Ada")
        session.add(user)
        await session.commit()
        async with AsyncSession(engine) as other:
            await other.execute(update(User).values(name="Grace"))
            await other.commit()
        error = None
        try:
            _ = user.name
        except SQLAlchemyError as raised:
            error = raised
        assert error is not None
        assert (await session.get_one(User, 1)).name == "Grace"
        await session.commit()
        assert (await session.scalars(select(User))).one().name == "Grace"


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
