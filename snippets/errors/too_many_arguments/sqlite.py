# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (find.py is for PostgreSQL)
import asyncio
import json
import os
from collections.abc import Sequence

from sqlalchemy import event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [start:find]
async def find(session: AsyncSession, ids: Sequence[int]) -> Sequence[Product]:
    wanted = func.json_each(json.dumps(list(ids))).table_valued("value")
    query = select(Product).where(Product.id.in_(select(wanted.c.value)))
    return (await session.scalars(query)).all()


# --8<-- [end:find]


def shorten(context: ExceptionContext) -> None:
    if error := context.sqlalchemy_exception:
        error.statement = error.statement and error.statement[:120]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL, hide_parameters=True)
    event.listen(engine.sync_engine, "handle_error", shorten)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=5))
        async with session_factory() as session:
            # --8<-- [start:call]
            print(len(await find(session, range(300_000))))
            #> 1
            # --8<-- [end:call]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
