# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# also: asyncpg==0.31.*, asyncpg==0.30.*, psycopg==3.2.*
import asyncio
import os

from sqlalchemy import ColumnElement, String, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


# --8<-- [start:typed]
TYPED = text("SELECT count(*) FROM orders WHERE :status IS NULL OR status = :status").bindparams(
    bindparam("status", type_=String)
)
# --8<-- [end:typed]


# --8<-- [start:built]
async def count(connection: AsyncConnection, status: str | None) -> int | None:
    conditions: list[ColumnElement[bool]] = []
    if status is not None:
        conditions.append(Order.status == status)
    return await connection.scalar(select(func.count()).select_from(Order).where(*conditions))


# --8<-- [end:built]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
            await connection.execute(text("INSERT INTO orders VALUES (1, 'open'), (2, 'sent')"))
            # --8<-- [start:ask]
            print(await connection.scalar(TYPED, {"status": None}))
            #> 2
            print(await count(connection, None))
            #> 2
            print(await count(connection, "open"))
            #> 1
            # --8<-- [end:ask]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
