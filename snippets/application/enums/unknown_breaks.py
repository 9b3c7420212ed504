# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# silent: the wrong status is stored with a 201, and from then on the list of orders answers 500
import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from enum import StrEnum
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import Enum, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


# --8<-- [start:model]
class Status(StrEnum):
    OPEN = "open"
    PAID = "paid"
    CANCELLED = "cancelled"


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[Status] = mapped_column(Enum(Status, native_enum=False))


# --8<-- [end:model]


class OrderOut(BaseModel):
    id: int
    status: Status


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:create]
@app.post("/orders", status_code=201)
async def create_order(status: str, session: SessionDep) -> None:
    session.add(Order(status=status))


# --8<-- [end:create]


# --8<-- [start:list]
@app.get("/orders", response_model=list[OrderOut])
async def list_orders(session: SessionDep, status: Status | None = None) -> Sequence[Order]:
    query = select(Order).order_by(Order.id)
    if status is not None:
        query = query.where(Order.status == status)
    return (await session.scalars(query)).all()


# --8<-- [end:list]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
        app.state.session_factory = session_factory
        # --8<-- [start:client]
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for status in "paid", "refunded":
                created = await client.post(f"/orders?status={status}")
                print(status, created.status_code)
                #> paid 201
                #> refunded 201

            listed = await client.get("/orders?status=paid")
            print(listed.text)
            #> [{"id":1,"status":"paid"}]
            listed = await client.get("/orders")
            print(listed.status_code)
            #> 500
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
