# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import delete
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import ObjectDeletedError

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:gone]
async def read_after_delete(session: AsyncSession, product: Product) -> None:
    session.expire(product)
    try:
        await product.awaitable_attrs.name
    except ObjectDeletedError as error:
        print(str(error).partition("' ")[2].partition(" (")[0])
        #> has been deleted, or its row is otherwise not present.
    try:
        await session.refresh(product)
    except InvalidRequestError as error:
        print(str(error).partition(" '")[0])
        #> Could not refresh instance
    print(await session.get(Product, 1))
    #> None


# --8<-- [end:gone]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory() as session:
            product = Product(id=1, name="Kettle")
            session.add(product)
            await session.commit()
            async with session_factory.begin() as other:
                await other.execute(delete(Product))
            await read_after_delete(session, product)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
