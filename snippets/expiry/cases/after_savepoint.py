# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import CheckConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    sku: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[int] = mapped_column(CheckConstraint("price > 0"))


# --8<-- [start:lower]
async def lower_prices(session_factory: async_sessionmaker[AsyncSession]) -> None:
    async with session_factory() as session:
        products = (await session.scalars(select(Product).order_by(Product.sku))).all()
        for product in products:
            sku = product.sku
            try:
                async with session.begin_nested():
                    product.price -= 10
            except IntegrityError:
                print(f"{sku} stays as it was")
                #> pen stays as it was
        await session.commit()


# --8<-- [end:lower]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add(Product(sku="pen", price=5))
        await lower_prices(session_factory)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
