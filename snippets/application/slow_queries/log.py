# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import logging
import os
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection
from sqlalchemy import Connection, ExceptionContext, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    total: Mapped[int]


# --8<-- [start:request]
@dataclass
class Current:
    request_id: str
    statements: int = 0


current: ContextVar[Current | None] = ContextVar("current", default=None)
log = logging.getLogger("shop.sql")


class RequestLog:
    """A pure ASGI middleware: add it with app.add_middleware(RequestLog)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        # Any client may send this header, and it goes into each line of the log.
        here = Current(given if re.fullmatch(r"[\w-]{1,64}", given, re.ASCII) else uuid.uuid4().hex)
        token = current.set(here)
        try:
            await self.app(scope, receive, send)
        finally:
            log.info("%s %s: statements: %d", scope["method"], scope["path"], here.statements)
            current.reset(token)


class RequestId(logging.Filter):
    """Gives each line of a handler the request's id."""

    def filter(self, record: logging.LogRecord) -> bool:
        here = current.get()
        record.request_id = here.request_id if here else "-"
        return True


# --8<-- [end:request]


# --8<-- [start:listen]
SLOW = 1


def listen(engine: AsyncEngine) -> None:
    event.listen(engine.sync_engine, "before_cursor_execute", started)
    event.listen(engine.sync_engine, "after_cursor_execute", ended)
    event.listen(engine.sync_engine, "handle_error", failed)


def started(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    if context is not None:
        context.started_at = time.perf_counter()


def ended(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    report(context, "ended", statement)


def failed(error: ExceptionContext) -> None:
    report(error.execution_context, type(error.original_exception).__name__, error.statement)


def report(context: Any, how: str, statement: str | None) -> None:
    started_at = getattr(context, "started_at", None)
    if started_at is None:
        return
    context.started_at = None
    seconds = time.perf_counter() - started_at
    if here := current.get():
        here.statements += 1
    if seconds >= SLOW:
        log.warning("slow: %.3f s, %s: %s", seconds, how, " ".join((statement or "").split()))


# --8<-- [end:listen]


class State(TypedDict):
    session_factory: async_sessionmaker[AsyncSession]


def give_sqlite_a_sleep(dbapi_connection: Any, record: Any) -> None:
    dbapi_connection.run_async(lambda driver: driver.create_function("pg_sleep", 1, time.sleep))


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    engine = create_async_engine(DATABASE_URL, hide_parameters=True)
    listen(engine)
    # --8<-- [end:lifespan]
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", give_sqlite_a_sleep)
    # --8<-- [start:state]
    try:
        yield {
            "session_factory": async_sessionmaker(
                engine, expire_on_commit=False, close_resets_only=False
            )
        }
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.add_middleware(RequestLog)
# --8<-- [end:state]


async def get_session(connection: HTTPConnection) -> AsyncIterator[AsyncSession]:
    async with connection.state.session_factory() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


# --8<-- [start:endpoints]
@app.get("/orders/{order_id}")
async def read_order(order_id: int, session: SessionDep) -> int:
    return (await session.get_one(Order, order_id)).total


@app.get("/report")
async def count_orders(session: SessionDep) -> int:
    query = text("SELECT count(*), pg_sleep(1.2) FROM orders")
    count: int = (await session.scalars(query)).one()
    return count


# --8<-- [end:endpoints]


# --8<-- [start:handler]
class TransactionsOnly(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.getMessage().startswith(("BEGIN", "COMMIT", "ROLLBACK"))


def configure(handler: logging.Handler) -> None:
    handler.addFilter(RequestId())
    handler.setFormatter(logging.Formatter("%(request_id)s %(message)s"))
    engine_log = logging.getLogger("sqlalchemy.engine.Engine")
    engine_log.addFilter(TransactionsOnly())
    for logger in log, engine_log:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)


# --8<-- [end:handler]


class Lines(logging.Handler):
    """Keeps what a handler would write."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def create_tables() -> None:
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Order(id=1, total=70))
        await session.commit()
    await engine.dispose()


async def main() -> None:
    await create_tables()
    handler = Lines()
    configure(handler)
    # --8<-- [start:ask]
    async with serving(app) as client:
        await client.get("/orders/1", headers={"X-Request-ID": "r1"})
        await client.get("/report", headers={"X-Request-ID": "r2"})
    # --8<-- [end:ask]
    # --8<-- [start:lines]
    for line in sorted(handler.lines, key=lambda line: line.split()[0]):
        print(re.sub(r"slow: [\d.]+ s", "slow: … s", line))
        #> r1 BEGIN (implicit)
        #> r1 COMMIT
        #> r1 GET /orders/1: statements: 1
        #> r2 BEGIN (implicit)
        #> r2 slow: … s, ended: SELECT count(*), pg_sleep(1.2) FROM orders
        #> r2 COMMIT
        #> r2 GET /report: statements: 1
    # --8<-- [end:lines]


if __name__ == "__main__":
    asyncio.run(main())
