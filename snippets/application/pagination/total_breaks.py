# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: behind the last page, the total of five orders is 0
import asyncio
import os
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


# --8<-- [start:page]
async def list_open(
    session: AsyncSession, limit: int, offset: int
) -> tuple[Sequence[int], int]:
    query = select(Order.id).where(Order.status == "open")
    page = query.order_by(Order.id).limit(limit).offset(offset)
    rows = (await session.execute(page.add_columns(func.count().over()))).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


# --8<-- [end:page]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add_all([Order(id=number, status="open") for number in range(1, 6)])
        async with session_factory() as session:
            # --8<-- [start:print]
            print(await list_open(session, limit=2, offset=4))
            #> ([5], 5)
            print(await list_open(session, limit=2, offset=6))
            #> ([], 0)
            # --8<-- [end:print]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
