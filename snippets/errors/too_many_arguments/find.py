# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no ANY; see sqlite.py for its limit)
import asyncio
import os
import sys
from collections.abc import Sequence

from sqlalchemy import ARRAY, Integer, any_, event, literal, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:find]
async def find(session: AsyncSession, ids: Sequence[int]) -> Sequence[Product]:
    query = select(Product).where(Product.id == any_(literal(ids, ARRAY(Integer))))
    return (await session.scalars(query)).all()


# --8<-- [end:find]


# --8<-- [start:shorten]
def shorten(context: ExceptionContext) -> None:
    if error := context.sqlalchemy_exception:
        error.statement = error.statement and error.statement[:120]


# --8<-- [end:shorten]


async def main() -> None:
    # --8<-- [start:engine]
    engine = create_async_engine(DATABASE_URL, hide_parameters=True)
    event.listen(engine.sync_engine, "handle_error", shorten)
    # --8<-- [end:engine]
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=5))
        async with session_factory() as session:
            # --8<-- [start:call]
            print(len(await find(session, range(70_000))))
            #> 1
            # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
