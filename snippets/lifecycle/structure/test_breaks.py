# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
# raises: AssertionError
# silent: the client is told 201, and no order is stored
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey, select
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


# --8<-- [start:session]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
# --8<-- [end:session]


# --8<-- [start:service]
async def place_order(session: AsyncSession, product_id: int, quantity: int) -> int:
    product = await session.get_one(Product, product_id, with_for_update=True, populate_existing=True)
    if product.stock < quantity:
        raise OutOfStock
    product.stock -= quantity
    order = Order(product_id=product_id, quantity=quantity)
    session.add(order)
    await session.flush()
    return order.id


# --8<-- [end:service]


# --8<-- [start:endpoint]
@app.post("/products/{product_id}/orders", status_code=201)
async def create_order(product_id: int, quantity: int, session: SessionDep) -> int:
    return await place_order(session, product_id, quantity)


@app.exception_handler(OutOfStock)
async def out_of_stock(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "out of stock"}, status_code=409)


# --8<-- [end:endpoint]


def new_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


# --8<-- [start:tests]
async def test_an_order_is_stored_and_takes_stock() -> None:
    async with new_client() as client:
        response = await client.post("/products/1/orders?quantity=2")
    assert response.status_code == 201
    async with session_factory() as session:
        quantities = (await session.scalars(select(Order.quantity))).all()
        stock = await session.scalar(select(Product.stock))
    assert (quantities, stock) == ([2], 3)


async def test_an_order_beyond_the_stock_changes_nothing() -> None:
    async with new_client() as client:
        response = await client.post("/products/1/orders?quantity=9")
    assert response.status_code == 409
    async with session_factory() as session:
        assert (await session.scalars(select(Order))).all() == []
        assert await session.scalar(select(Product.stock)) == 5


# --8<-- [end:tests]


async def new_tables() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with session_factory.begin() as session:
        session.add(Product(id=1, stock=5))


async def main() -> None:
    tests = (
        test_an_order_is_stored_and_takes_stock,
        test_an_order_beyond_the_stock_changes_nothing,
    )
    try:
        # --8<-- [start:run]
        for test in tests:
            await new_tables()
            await test()
            print(f"{test.__name__} passed")
        # --8<-- [end:run]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
