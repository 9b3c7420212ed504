# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import enum
import os
from enum import StrEnum

from sqlalchemy import Enum, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:base]
class Base(DeclarativeBase):
    type_annotation_map = {
        enum.Enum: Enum(enum.Enum, values_callable=lambda members: [one.value for one in members])
    }


# --8<-- [end:base]


# --8<-- [start:model]
class Status(StrEnum):
    OPEN = "open"
    PAID = "paid"


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[Status]


# --8<-- [end:model]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:other]
        async with engine.begin() as other_program:
            await other_program.execute(text("INSERT INTO orders VALUES (1, 'paid')"))

        async with session_factory() as session:
            order = await session.get_one(Order, 1)
        print(order.status.value)
        #> paid
        # --8<-- [end:other]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
