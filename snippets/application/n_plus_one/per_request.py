# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import ForeignKey, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
logger = logging.getLogger("statements")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


# --8<-- [start:count]
sent: ContextVar[list[str] | None] = ContextVar("sent", default=None)


def listen(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if (statements := sent.get()) is not None:
            statements.append(statement)


class CountStatements:
    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        statements: list[str] = []
        token = sent.set(statements)
        try:
            await self.app(scope, receive, send)
        finally:
            sent.reset(token)
            if len(statements) > self.limit:
                logger.warning("%s sent %d statements", scope["path"], len(statements))


# --8<-- [end:count]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL)
    listen(engine)
    try:
        yield {
            "session_factory": async_sessionmaker(
                engine, expire_on_commit=False, close_resets_only=False
            )
        }
    finally:
        await engine.dispose()


# --8<-- [start:app]
app = FastAPI(lifespan=lifespan)
app.add_middleware(CountStatements, limit=5)
# --8<-- [end:app]


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


@app.get("/slow")
async def slow(session: SessionDep) -> dict[str, int]:
    counts = {}
    for customer in (await session.scalars(select(Customer).order_by(Customer.id))).all():
        query = select(func.count()).where(Order.customer_id == customer.id)
        counts[customer.name] = await session.scalar(query) or 0
    return counts


@app.get("/fast")
async def fast(session: SessionDep) -> dict[str, int]:
    query = select(Customer).order_by(Customer.id).options(selectinload(Customer.orders))
    return {customer.name: len(customer.orders) for customer in await session.scalars(query)}


async def create_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        for number in range(1, 11):
            session.add(Customer(id=number, name=f"c{number}", orders=[Order(), Order()]))
        await session.commit()
    await engine.dispose()


async def drop_tables(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await engine.dispose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


async def main() -> None:
    await create_tables(DATABASE_URL)
    log = Lines()
    logger.addHandler(log)
    try:
        async with serving(app) as client:
            # --8<-- [start:client]
            slow, fast = await asyncio.gather(client.get("/slow"), client.get("/fast"))
            assert slow.json() == fast.json()
        print(log.lines)
        #> ['/slow sent 11 statements']
        # --8<-- [end:client]
    finally:
        logger.removeHandler(log)
        await drop_tables(DATABASE_URL)


if __name__ == "__main__":
    asyncio.run(main())
