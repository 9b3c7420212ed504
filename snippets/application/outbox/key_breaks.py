# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# silent: the client repeats a request, and there are two orders
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import JSON, String, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

insert: Any = sqlite.insert if DATABASE_URL.startswith("sqlite") else postgresql.insert


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    item: Mapped[str]


# --8<-- [start:model]
class StoredResponse(Base):
    __tablename__ = "stored_responses"

    customer_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    response: Mapped[dict[str, int] | None] = mapped_column(JSON)


# --8<-- [end:model]


class NewOrder(BaseModel):
    item: str


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
KeyHeader = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


# --8<-- [start:same]
def same_request(stored: StoredResponse, new: NewOrder) -> dict[str, int] | None:
    if stored.request != new.model_dump(mode="json"):
        raise HTTPException(422, "this key belongs to another request")
    return stored.response


# --8<-- [end:same]


# --8<-- [start:endpoint]
@app.post("/customers/{customer_id}/orders", status_code=201)
async def create_order(
    customer_id: int, new: NewOrder, key: KeyHeader, session: SessionDep
) -> dict[str, int] | None:
    order = Order(customer_id=customer_id, item=new.item)
    session.add(order)
    await session.flush()
    return {"id": order.id}


# --8<-- [end:endpoint]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
        app.state.session_factory = session_factory
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            # --8<-- [start:retry]
            for item in "desk", "desk", "lamp":
                response = await client.post(
                    "/customers/1/orders", json={"item": item}, headers={"Idempotency-Key": "k-1"}
                )
                print(item, response.status_code, response.text)
                #> desk 201 {"id":1}
                #> desk 201 {"id":2}
                #> lamp 201 {"id":3}
        async with session_factory() as session:
            print("orders:", await session.scalar(select(func.count()).select_from(Order)))
            #> orders: 3
            # --8<-- [end:retry]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
