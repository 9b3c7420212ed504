# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///

# ruff: noqa: RUF012
import asyncio
import os

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": True}


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


# --8<-- [start:sell]
async def sell_two(session: AsyncSession, product: Product) -> None:
    product.stock = Product.stock - 1
    product.stock = Product.stock - 1
    await session.flush()
    print("eager_defaults, expired:", inspect(product).expired_attributes)
    #> eager_defaults, expired: {'stock'}
    await session.refresh(product, ["stock"])
    print("stock:", product.stock)
    #> stock: 9


# --8<-- [end:sell]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory() as session:
            product = Product(id=1, stock=10)
            session.add(product)
            await session.commit()
            await sell_two(session, product)
            await session.commit()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
