# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:models]
class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    orders = relationship("Order")


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)


# --8<-- [end:models]


async def error_of(session: AsyncSession, model: Any) -> str:
    try:
        await session.scalars(select(model))
    except InvalidRequestError as error:
        return str(error).partition(", expression")[0]
    raise AssertionError("no error")


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with async_sessionmaker(engine)() as session:
            # --8<-- [start:run]
            print(await error_of(session, Customer))
            #> When initializing mapper Mapper[Customer(customers)]
            print(await error_of(session, Product))
            """
            One or more mappers failed to initialize - can't proceed with initialization of other mappers. Triggering mapper: 'Mapper[Customer(customers)]'. Original exception was: When initializing mapper Mapper[Customer(customers)]
            """
            # --8<-- [end:run]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
