# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
# raises: sqlalchemy.exc.MissingGreenlet, sqlalchemy.exc.StatementError
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated, Protocol

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    product: Mapped[Product] = relationship()


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


# --8<-- [start:repository]
class Orders(Protocol):
    async def get(self, order_id: int) -> Order: ...


class StoredOrders:
    def __init__(self, session: SessionDep) -> None:
        self.session = session

    async def get(self, order_id: int) -> Order:
        return await self.session.get_one(Order, order_id)


async def describe(orders: Orders, order_id: int) -> str:
    order = await orders.get(order_id)
    return f"{order.quantity} x {order.product.name}"


# --8<-- [end:repository]


@app.get("/orders/{order_id}")
async def read_order(order_id: int, orders: Annotated[StoredOrders, Depends()]) -> str:
    return await describe(orders, order_id)


# --8<-- [start:fake]
class FakeOrders:
    async def get(self, order_id: int) -> Order:
        return Order(quantity=2, product=Product(name="kettle"))


async def test_describe() -> None:
    assert await describe(FakeOrders(), 1) == "2 x kettle"
    print("the test passes")
    #> the test passes


# --8<-- [end:fake]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Order(id=1, quantity=2, product=Product(name="kettle")))
        await test_describe()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            # --8<-- [start:client]
            response = await client.get("/orders/1")
            print(response.json())
            # --8<-- [end:client]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
