# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class OutOfStock(Exception):
    pass


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:service]
class Orders:
    def __init__(self, session: SessionDep) -> None:
        self.session = session

    async def place(self, product_id: int, quantity: int) -> None:
        product = await self.session.get_one(Product, product_id, with_for_update=True, populate_existing=True)
        if product.stock < quantity:
            raise OutOfStock
        product.stock -= quantity
        self.session.add(Order(product_id=product_id, quantity=quantity))


OrdersDep = Annotated[Orders, Depends()]
# --8<-- [end:service]


# --8<-- [start:endpoint]
@app.post("/products/{product_id}/orders", status_code=201)
async def create_order(product_id: int, quantity: int, orders: OrdersDep) -> None:
    await orders.place(product_id, quantity)


# --8<-- [end:endpoint]


@app.exception_handler(OutOfStock)
async def out_of_stock(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "out of stock"}, status_code=409)


# --8<-- [start:test]
class NothingLeft:
    async def place(self, product_id: int, quantity: int) -> None:
        raise OutOfStock


async def test_out_of_stock_is_a_409() -> None:
    app.dependency_overrides[Orders] = NothingLeft
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.post("/products/1/orders?quantity=2")
    print(response.status_code)
    #> 409
    assert response.status_code == 409


# --8<-- [end:test]


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=5))
        await test_out_of_stock_is_a_409()
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
