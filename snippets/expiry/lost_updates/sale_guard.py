# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


# --8<-- [start:guard]
async def sell(session: AsyncSession, product_id: int) -> bool:
    in_stock = update(Product).where(Product.id == product_id, Product.stock > 0)
    sold = in_stock.values(stock=Product.stock - 1).returning(Product.stock)
    left = (await session.scalars(sold)).one_or_none()
    return left is not None


# --8<-- [end:guard]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=1))

        # --8<-- [start:two]
        for _ in range(2):
            async with session_factory.begin() as session:
                print("sold" if await sell(session, 1) else "sold out")
                #> sold
                #> sold out
        # --8<-- [end:two]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
