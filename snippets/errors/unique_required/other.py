# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="user")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    item: Mapped[str]
    user: Mapped[User] = relationship(back_populates="orders")


# --8<-- [start:other]
async def look(session: AsyncSession) -> None:
    many_to_one = select(Order).options(joinedload(Order.user))
    orders = (await session.scalars(many_to_one)).all()
    print(f"many-to-one, without unique(): {len(orders)} orders")
    #> many-to-one, without unique(): 2 orders

    in_batches = select(User).options(joinedload(User.orders)).execution_options(yield_per=10)
    try:
        (await session.stream_scalars(in_batches)).unique()
    except InvalidRequestError as error:
        print(str(error).partition(",")[0])
        #> Can't use yield_per with eager loaders that require uniquing or row buffering


# --8<-- [end:other]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine)
        async with session_factory.begin() as session:
            session.add(
                User(id=1, name="Ada", orders=[Order(item="tea"), Order(item="ink")])
            )
        async with session_factory() as session:
            await look(session)
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
