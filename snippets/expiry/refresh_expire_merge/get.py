# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]


# --8<-- [start:get]
async def read_one_expired(session: AsyncSession) -> None:
    product = await session.get_one(Product, 1)
    session.expire(product, ["price"])
    await session.get_one(Product, 1)
    print("expired after get():", inspect(product).expired_attributes)
    #> expired after get(): {'price'}
    await session.scalars(select(Product))
    print("after select():", product.price)
    #> after select(): 40
    session.expire(product, ["price"])
    print("awaitable_attrs:", await product.awaitable_attrs.price)
    #> awaitable_attrs: 40
    session.expire(product, ["price"])
    print("run_sync:", await session.run_sync(lambda _: product.price))
    #> run_sync: 40
    session.expire(product, ["price"])
    await session.refresh(product, ["price"])
    print("refresh():", product.price)
    #> refresh(): 40


# --8<-- [end:get]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Product(id=1, name="Kettle", price=40))
        async with session_factory() as session:
            await read_one_expired(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
