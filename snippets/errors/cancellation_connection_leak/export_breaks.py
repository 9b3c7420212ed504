# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
# raises: sqlalchemy.exc.TimeoutError
import asyncio
import os

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)


async def send(order_ids: list[int]) -> None:
    """Stands for a slow client, or a slow service."""
    await asyncio.sleep(60)


# --8<-- [start:export]
async def export(session: AsyncSession) -> None:
    try:
        order_ids = list(await session.scalars(select(Order.id)))
        await send(order_ids)
        await session.close()
    except Exception:
        await session.close()
        raise


# --8<-- [end:export]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0, pool_timeout=0.3)
    # --8<-- [end:engine]
    session_factory = async_sessionmaker(engine)
    exporting = session_factory()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        # --8<-- [start:cancel]
        try:
            async with asyncio.timeout(1):  # It cancels. So do a TaskGroup and a shutdown.
                await export(exporting)
        except TimeoutError:
            async with session_factory() as session:
                print(len((await session.scalars(select(Order.id))).all()), "orders to send")
        # --8<-- [end:cancel]
    finally:
        await exporting.close()
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
