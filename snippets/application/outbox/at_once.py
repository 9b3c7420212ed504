# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx"]
# ///
# drivers: asyncpg, psycopg (two requests at once, in a server with row locks)
# unrecorded: two requests run at once
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import JSON, String, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)


insert = postgresql.insert


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    item: Mapped[str]


class StoredResponse(Base):
    __tablename__ = "stored_responses"

    customer_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    response: Mapped[dict[str, int] | None] = mapped_column(JSON)


class NewOrder(BaseModel):
    item: str


app = FastAPI()


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
KeyHeader = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


reached: list[str] = []
go_on = asyncio.Event()


async def middle(item: str) -> None:
    reached.append(item)
    await go_on.wait()


def same_request(stored: StoredResponse, new: NewOrder) -> dict[str, int] | None:
    if stored.request != new.model_dump(mode="json"):
        raise HTTPException(422, "this key belongs to another request")
    return stored.response


# --8<-- [start:endpoint]
@app.post("/customers/{customer_id}/orders", status_code=201)
async def create_order(
    customer_id: int, new: NewOrder, key: KeyHeader, session: SessionDep
) -> dict[str, int] | None:
    body = new.model_dump(mode="json")
    claim = insert(StoredResponse).values(customer_id=customer_id, key=key, request=body)
    await session.execute(claim.on_conflict_do_nothing())
    stored = await session.get_one(StoredResponse, (customer_id, key))
    if stored.response is not None:
        return same_request(stored, new)
    await middle(new.item)
    order = Order(customer_id=customer_id, item=new.item)
    session.add(order)
    await session.flush()
    stored.response = {"id": order.id}
    return {"id": order.id}


# --8<-- [end:endpoint]


async def until_they_meet(engine: AsyncEngine, second: asyncio.Task[httpx.Response]) -> None:
    """Until the second request is in the middle as well, waits for a lock in the server, or has its answer."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with engine.connect() as observer:
        observer = await observer.execution_options(isolation_level="AUTOCOMMIT")
        while len(reached) < 2 and not second.done() and not await observer.scalar(waiting):
            await asyncio.sleep(0.01)


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
            headers = {"Idempotency-Key": "k-1"}
            order = {"item": "desk"}
            first = asyncio.create_task(client.post("/customers/1/orders", json=order, headers=headers))
            while not reached and not first.done():
                await asyncio.sleep(0.01)
            second = asyncio.create_task(client.post("/customers/1/orders", json=order, headers=headers))
            await until_they_meet(engine, second)
            go_on.set()
            responses = await asyncio.gather(first, second)
            # --8<-- [start:count]
            print("statuses:", sorted(response.status_code for response in responses))
            #> statuses: [201, 201]
            async with session_factory() as session:
                print("orders:", await session.scalar(select(func.count()).select_from(Order)))
                #> orders: 1
            again = await client.post("/customers/1/orders", json=order, headers=headers)
            print("sent again:", again.status_code, again.json() in [r.json() for r in responses if r.status_code == 201])
            #> sent again: 201 True
            # --8<-- [end:count]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
