# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, undefer
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    note: Mapped[str] = mapped_column(default="", deferred=True)


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def claim_expunge_pending(engine: AsyncEngine) -> None:
    """`expunge()` makes a persistent object `detached`, and a new one that was not flushed `transient`; the new one is not inserted."""
    async with AsyncSession(engine) as session:
        stored, new = Product(price=1), Product(price=2)
        session.add(stored)
        await session.flush()
        session.add(new)
        session.expunge(stored)
        session.expunge(new)
        assert inspect(stored).detached
        assert inspect(new).transient
        await session.commit()
        assert [row.price for row in await session.scalars(select(Product))] == [1]


async def claim_expired_deferred(engine: AsyncEngine) -> None:
    """A `select()` loads expired columns again, but not a deferred one that expired. With `undefer()` it loads that one, too."""
    async with AsyncSession(engine) as session:
        product = Product(price=1, note="fragile")
        session.add(product)
        await session.commit()
        await session.scalars(select(Product))
        assert inspect(product).unloaded == {"note"}
        await session.scalars(select(Product).options(undefer(Product.note)))
        assert product.note == "fragile"


async def claim_refresh_after_commit(engine: AsyncEngine) -> None:
    """A `refresh()` after the commit begins a transaction and checks out a connection (`QueuePool`). `commit()`, `rollback()` and `close()` each return it."""
    session = AsyncSession(engine)
    for end in (session.commit, session.rollback, session.close):
        product = Product(price=1)
        session.add(product)
        await session.commit()
        assert checked_out(engine) == 0
        await session.refresh(product)
        assert session.in_transaction()
        assert checked_out(engine) == 1
        await end()
        assert checked_out(engine) == 0


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
