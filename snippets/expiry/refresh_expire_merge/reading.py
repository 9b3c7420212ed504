# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:base]
class Base(AsyncAttrs, DeclarativeBase):
    pass


# --8<-- [end:base]


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    price: Mapped[int]


# --8<-- [start:read]
async def read_expired(session: AsyncSession) -> None:
    product = await session.get_one(Product, 1)

    session.expire(product)
    print(await product.awaitable_attrs.price)
    #> 40

    session.expire(product)
    print(await session.run_sync(lambda _: product.price))
    #> 40

    session.expire(product)
    await session.refresh(product)
    print(product.price)
    #> 40

    session.expire(product)
    await session.get_one(Product, 1)
    print(product.price)
    #> 40


# --8<-- [end:read]


async def read(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        await read_expired(session)


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Product(id=1, name="Kettle", price=40))
        await read(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
