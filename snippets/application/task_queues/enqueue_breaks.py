# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "taskiq>=0.12",
# ]
# ///
# silent: the task does not find the row, and the client has its 201
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypedDict

import httpx
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from taskiq import InMemoryBroker, TaskiqEvents, TaskiqState

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]


# --8<-- [start:broker]
broker = InMemoryBroker(await_inplace=True)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def startup(state: TaskiqState) -> None:
    state.engine = create_async_engine(DATABASE_URL)
    state.session_factory = async_sessionmaker(state.engine, expire_on_commit=False)


@broker.on_event(TaskiqEvents.WORKER_SHUTDOWN)
async def shutdown(state: TaskiqState) -> None:
    await state.engine.dispose()


# --8<-- [end:broker]


# --8<-- [start:task]
@broker.task
async def send_receipt(order_id: int) -> None:
    async with broker.state.session_factory() as session:
        order = await session.get(Order, order_id)
        print("receipt for", order.item if order else "nothing: no such order")
        #> receipt for nothing: no such order


# --8<-- [end:task]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    await broker.startup()
    try:
        yield {"session_factory": async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)}
    finally:
        await broker.shutdown()
        await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:endpoint]
@app.post("/orders", status_code=201)
async def create_order(session: SessionDep) -> dict[str, int]:
    order = Order(item="desk")
    session.add(order)
    await session.flush()
    await send_receipt.kiq(order.id)
    return {"id": order.id}


# --8<-- [end:endpoint]


@asynccontextmanager
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, without a network."""
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://test") as asking:
            yield asking


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    async with client() as asking:
        response = await asking.post("/orders")
        print(response.status_code, response.text)
        #> 201 {"id":1}


if __name__ == "__main__":
    asyncio.run(main())
