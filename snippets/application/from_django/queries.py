# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    total: Mapped[int]


# --8<-- [start:queries]
async def queries(session: AsyncSession) -> None:
    query = select(Order).where(or_(Order.status == "open", Order.total > 100))
    query = query.where(Order.total != 0).order_by(Order.id)
    orders = (await session.scalars(query)).all()
    print([order.id for order in orders])
    #> [1, 2]

    cheapest = await session.scalar(select(Order).order_by(Order.total, Order.id).limit(1))
    print(cheapest.id if cheapest else None)
    #> 3

    pairs = await session.execute(select(Order.id, Order.total).order_by(Order.id))
    print([tuple(pair) for pair in pairs])
    #> [(1, 20), (2, 200), (3, 5)]

    print(await session.scalar(select(func.count()).select_from(Order)))
    #> 3

    print(await session.scalar(select(exists().where(Order.total > 1000))))
    #> False

    sums = select(Order.status, func.sum(Order.total)).group_by(Order.status)
    print([tuple(row) for row in await session.execute(sums.order_by(Order.status))])
    #> [('open', 20), ('paid', 205)]

    add_fee = update(Order).where(Order.status == "open").values(total=Order.total + 10)
    await session.execute(add_fee)


# --8<-- [end:queries]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False)
        async with session_factory.begin() as session:
            session.add_all(
                [
                    Order(id=1, status="open", total=20),
                    Order(id=2, status="paid", total=200),
                    Order(id=3, status="paid", total=5),
                ]
            )
        async with session_factory.begin() as session:
            await queries(session)
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
