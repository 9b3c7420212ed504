# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# silent: the sale is refused, and the prices stay changed
import asyncio
import os

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]


class Sale(Base):
    __tablename__ = "sales"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


HALF = update(Product).values(price=Product.price // 2)


# --8<-- [start:sale]
async def start_sale(session: AsyncSession, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(HALF)
    session.add(Sale(name="summer"))
    await session.flush()


# --8<-- [end:sale]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    session_factory = async_sessionmaker(engine, expire_on_commit=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add_all([Product(price=900), Sale(name="summer")])
        # --8<-- [start:refused]
        try:
            async with session_factory.begin() as session:
                await start_sale(session, engine)
        except IntegrityError:
            print("refused: there is a summer sale already")
            #> refused: there is a summer sale already
        async with session_factory() as session:
            print("price:", await session.scalar(select(Product.price)))
            #> price: 450
        # --8<-- [end:refused]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
