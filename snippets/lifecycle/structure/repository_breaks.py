# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx",
# ]
# ///
# raises: AssertionError
# silent: the client is told 409, and the order is stored
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey, func, select
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


# --8<-- [start:repositories]
class Orders:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, order: Order) -> None:
        self.session.add(order)
        await self.session.commit()


class Products:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def take(self, product_id: int, quantity: int) -> None:
        product = await self.session.get_one(Product, product_id, with_for_update=True, populate_existing=True)
        if product.stock < quantity:
            raise OutOfStock
        product.stock -= quantity
        await self.session.commit()


# --8<-- [end:repositories]


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:service]
async def place_order(session: AsyncSession, product_id: int, quantity: int) -> None:
    await Orders(session).add(Order(product_id=product_id, quantity=quantity))
    await Products(session).take(product_id, quantity)


# --8<-- [end:service]


@app.post("/products/{product_id}/orders", status_code=201)
async def create_order(product_id: int, quantity: int, session: SessionDep) -> None:
    await place_order(session, product_id, quantity)


@app.exception_handler(OutOfStock)
async def out_of_stock(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "out of stock"}, status_code=409)


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Product(id=1, stock=5))
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.post("/products/1/orders?quantity=9")
        async with session_factory() as session:
            stored = await session.scalar(select(func.count(Order.id)))
        print(f"{response.status_code} {response.text}, orders stored: {stored}")
        #> 409 {"detail":"out of stock"}, orders stored: 1
        assert stored == 0, "an order that was refused is stored"
        # --8<-- [end:client]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
