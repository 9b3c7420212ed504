# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import ForeignKey, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(order_by="Order.id")


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


class Card(BaseModel):
    name: str
    orders: list[str]


# --8<-- [start:services]
def card(customer: Customer) -> Card:
    items = [order.item for order in customer.orders]
    return Card(name=customer.name, orders=items)


def list_customers(session: Session) -> list[Card]:
    customers = session.scalars(select(Customer).order_by(Customer.id)).all()
    return [card(customer) for customer in customers]


def add_order(session: Session, customer_id: int, item: str) -> Card:
    customer = session.get_one(Customer, customer_id)
    customer.orders.append(Order(item=item))
    session.commit()
    return card(customer)


# --8<-- [end:services]


engine = create_async_engine(DATABASE_URL)
# --8<-- [start:endpoints]
session_factory = async_sessionmaker(engine)
app = FastAPI()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.get("/customers")
async def read_customers(session: SessionDep) -> list[Card]:
    return await session.run_sync(list_customers)


@app.post("/customers/{customer_id}/orders", status_code=201)
async def create_order(customer_id: int, item: str, session: SessionDep) -> Card:
    return await session.run_sync(add_order, customer_id, item)


# --8<-- [end:endpoints]


@app.exception_handler(NoResultFound)
async def not_found(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "no such customer"}, status_code=404)


async def ask() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        requests = [
            ("POST", "/customers/1/orders?item=kettle"),
            ("GET", "/customers"),
            ("POST", "/customers/9/orders?item=lamp"),
        ]
        for method, path in requests:
            response = await client.request(method, path)
            print(f"{response.status_code} {response.text}")
            #> 201 {"name":"Ada","orders":["desk","kettle"]}
            #> 200 [{"name":"Ada","orders":["desk","kettle"]},{"name":"Grace","orders":["pen"]}]
            #> 404 {"detail":"no such customer"}


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Customer(id=1, name="Ada", orders=[Order(item="desk")]))
            session.add(Customer(id=2, name="Grace", orders=[Order(item="pen")]))
        await ask()
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
