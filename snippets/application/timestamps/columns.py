# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
from datetime import datetime

from sqlalchemy import DateTime, func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:model]
class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}
    __mapper_args__ = {"eager_defaults": True}


class Timestamps:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Product(Timestamps, Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [end:model]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        # --8<-- [start:store]
        async with session_factory.begin() as session:
            product = Product(id=1, name="Tea")
            session.add(product)
        print("the same time:", product.created_at == product.updated_at)
        #> the same time: True

        async with session_factory.begin() as session:
            product = await session.get_one(Product, 1)
            product.name = "Green tea"
        print("earlier:", product.updated_at < product.created_at)
        #> earlier: False
        # --8<-- [end:store]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
