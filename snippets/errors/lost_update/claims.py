# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite does not wait for a row)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


async def computed(session: AsyncSession) -> None:
    product = await session.get_one(Product, 1)
    product.stock -= 1
    await session.commit()


async def in_the_database(session: AsyncSession) -> None:
    product = await session.get_one(Product, 1)
    product.stock = Product.stock - 1
    await session.commit()


async def locked(session: AsyncSession) -> None:
    product = await session.get_one(Product, 1, with_for_update=True)
    product.stock -= 1
    await session.commit()


async def stock_after(engine: AsyncEngine, sell: Callable[[AsyncSession], Awaitable[None]]) -> int:
    """Ten, and two sales: one in an open transaction, and yours, which waits for it."""
    async with AsyncSession(engine) as other, AsyncSession(engine) as session:
        await session.merge(Product(id=1, stock=10))
        await session.commit()
        await other.execute(update(Product).values(stock=Product.stock - 1))
        selling = asyncio.ensure_future(sell(session))
        async with engine.connect() as watching:
            watcher = await watching.execution_options(isolation_level="AUTOCOMMIT")
            while not selling.done() and not await watcher.scalar(WAITING):
                await asyncio.sleep(0.01)
        await other.commit()
        await selling
        await session.refresh(product := await session.get_one(Product, 1))
        return product.stock


async def claim_test_finds_it(engine: AsyncEngine) -> None:
    """If an open transaction changes the row, and commits when your function waits, one change is lost with `product.stock -= 1`, and none with `Product.stock - 1` or with the lock."""
    assert await stock_after(engine, computed) == 9
    assert await stock_after(engine, in_the_database) == 8
    assert await stock_after(engine, locked) == 8


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
