# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import MissingGreenlet, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
# On SQLAlchemy 2.1 a read that fails on aiosqlite leaves a coroutine behind.
warnings.filterwarnings("ignore", "coroutine .* was never awaited")
# And a pool that gives up a connection there cannot await its end.
warnings.filterwarnings("ignore", ".*was deleted while still open", ResourceWarning)
OTHER_POOLS: list[dict[str, Any]] = [{"poolclass": NullPool}, {"pool_pre_ping": True}, {"pool_recycle": 0}]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def error_of_the_read(engine: AsyncEngine, in_transaction: bool = False) -> SQLAlchemyError:
    """Of a read after the commit, or of one after `expire()`, while the transaction is open."""
    async with AsyncSession(engine) as session:
        user = User(name="Ada")
        session.add(user)
        await session.flush()
        if in_transaction:
            session.expire(user)
        else:
            await session.commit()
        try:
            raise AssertionError(f"it read {user.name}")
        except SQLAlchemyError as error:
            return error


async def errors_with_other_pools(engine: AsyncEngine, in_transaction: bool = False) -> list[SQLAlchemyError]:
    errors = []
    for settings in OTHER_POOLS:
        other = create_async_engine(engine.url, **settings)
        errors.append(await error_of_the_read(other, in_transaction))
        await other.dispose()
    return errors


async def claim_wrapped(engine: AsyncEngine) -> None:
    """With the default pool, a read after the commit raises a `StatementError` that has the `MissingGreenlet` in its `orig`."""
    error = await error_of_the_read(engine)
    assert isinstance(error, StatementError), f"it is a bare {type(error).__name__}"
    assert isinstance(error.orig, MissingGreenlet)


async def claim_bare(engine: AsyncEngine) -> None:
    """With `NullPool`, `pool_pre_ping=True` or `pool_recycle=0`, a read after the commit raises a bare `MissingGreenlet`."""
    errors = await errors_with_other_pools(engine)
    assert [type(error) for error in errors] == [MissingGreenlet] * 3


async def claim_in_a_transaction(engine: AsyncEngine) -> None:
    """In an open transaction, where `expire()` leads to the same error, those settings do not change its class."""
    usual = await error_of_the_read(engine, in_transaction=True)
    others = await errors_with_other_pools(engine, in_transaction=True)
    assert [type(error) for error in others] == [type(usual)] * 3


async def claim_base_class(engine: AsyncEngine) -> None:
    """`except SQLAlchemyError` catches both classes, and neither is a subclass of the other."""
    assert isinstance(await error_of_the_read(engine), SQLAlchemyError)
    assert not issubclass(MissingGreenlet, StatementError)
    assert not issubclass(StatementError, MissingGreenlet)


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
