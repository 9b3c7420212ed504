# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
# unrecorded: it asks six applications six questions each, and what matters is their answers
import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import ForeignKey, delete, event, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The database looks at a deferred constraint when the transaction commits, not before.
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", deferrable=True, initially="DEFERRED")
    )


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
all_places = FastAPI()
PATHS: dict[str, str | None] = {}

if engine.dialect.name == "sqlite":

    @event.listens_for(engine.sync_engine, "connect")
    def enforce_foreign_keys(connection, _):  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA foreign_keys = ON")


# --8<-- [start:dependencies]
async def plain_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


async def commit_after_yield() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session
        await session.commit()


async def begin_around_yield() -> AsyncIterator[AsyncSession]:
    async with session_factory.begin() as session:
        yield session


# --8<-- [end:dependencies]


# --8<-- [start:middleware]
async def commit_in_middleware(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    async with session_factory() as session:
        request.state.session = session
        response = await call_next(request)
        if response.status_code < 400:
            await session.commit()
        return response


def session_of_the_middleware(request: Request) -> AsyncSession:
    session: AsyncSession = request.state.session
    return session


# --8<-- [end:middleware]


async def commit_here(session: AsyncSession) -> None:
    await session.commit()


async def commit_elsewhere(session: AsyncSession) -> None:
    pass


async def fail() -> None:
    raise RuntimeError("the mail server is down")


def place(
    name: str, session_dependency: Any, commit: Callable[[AsyncSession], Awaitable[None]]
) -> FastAPI:
    """The same application for every place: only its dependency and its commit differ."""
    app = FastAPI()
    PATHS[name] = f"/place-{len(PATHS)}"
    all_places.mount(f"/place-{len(PATHS) - 1}", app)

    # --8<-- [start:endpoint]
    @app.post("/orders", status_code=201)
    async def create_order(
        customer_id: int,
        then: str,
        background: BackgroundTasks,
        session: AsyncSession = session_dependency,
    ) -> Any:
        session.add(Order(customer_id=customer_id))
        await session.flush()
        if then == "raise 409":
            raise HTTPException(409)
        if then == "return 409":
            return JSONResponse({"detail": "Conflict"}, status_code=409)
        if then == "catch a failed flush":
            session.add(Order(customer_id=None))
            with suppress(IntegrityError):
                await session.flush()
        if then == "fail in the background":
            background.add_task(fail)
        await commit(session)
        return {}

    # --8<-- [end:endpoint]
    return app


place("in the endpoint", Depends(plain_session), commit_here)
place("after yield", Depends(commit_after_yield), commit_elsewhere)
place("begin() around yield", Depends(begin_around_yield), commit_elsewhere)
if "scope" in inspect.signature(Depends).parameters:
    function: Any = {"scope": "function"}
    place("after yield, function scope", Depends(commit_after_yield, **function), commit_elsewhere)
    place("begin(), function scope", Depends(begin_around_yield, **function), commit_elsewhere)
else:
    PATHS["after yield, function scope"] = PATHS["begin(), function scope"] = None
place("in a middleware", Depends(session_of_the_middleware), commit_elsewhere).middleware("http")(
    commit_in_middleware
)


class Conversation:
    """One request; the application goes on after its last byte when the client has looked."""

    def __init__(self) -> None:
        self.client_has_looked = asyncio.Event()
        self.is_over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient_send(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await asyncio.wait_for(self.client_has_looked.wait(), timeout=30)

        try:
            await all_places(scope, receive, patient_send)
        finally:
            self.is_over.set()


conversation = Conversation()


async def logged(scope: Scope, receive: Receive, send: Send) -> None:
    await conversation(scope, receive, send)


async def count_orders() -> int:
    async with session_factory() as session:
        return await session.scalar(select(func.count()).select_from(Order)) or 0


async def ask(client: httpx.AsyncClient, path: str, then: str, customer_id: int = 1) -> list[int]:
    """The status, the rows when the client has it, and the rows when the application is done."""
    global conversation
    conversation = Conversation()
    response = await client.post(
        f"{path}/orders", params={"customer_id": customer_id, "then": then}
    )
    rows_now = await count_orders()
    conversation.client_has_looked.set()
    await conversation.is_over.wait()
    # SQLite leaves a transaction open whose COMMIT has failed: ask over a new connection.
    await engine.dispose()
    rows_in_the_end = await count_orders()
    async with session_factory.begin() as session:
        await session.execute(delete(Order))
    return [response.status_code, rows_now, rows_in_the_end]


# --8<-- [start:questions]
async def try_place(client: httpx.AsyncClient, path: str | None) -> list[str]:
    if path is None:
        return ["n/a"] * 6
    failing, _, _ = await ask(client, path, "return", customer_id=404)
    _, visible, _ = await ask(client, path, "return")
    _, _, raised = await ask(client, path, "raise 409")
    _, _, returned = await ask(client, path, "return 409")
    caught, _, _ = await ask(client, path, "catch a failed flush")
    _, _, background = await ask(client, path, "fail in the background")
    kept = {0: "gone", 1: "kept"}
    return [
        f"told {failing}",
        {0: "not yet", 1: "stored"}[visible],
        kept[raised],
        kept[returned],
        f"told {caught}",
        kept[background],
    ]


# --8<-- [end:questions]


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(logged, port=0, lifespan="off", log_level="critical"))
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


async def main() -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with session_factory.begin() as session:
            session.add(Customer(id=1))
        async with serving() as client:
            # --8<-- [start:table]
            print("you commit | COMMIT fails | at the 201 | raise 409 | return 409 | caught | task fails")
            #> you commit | COMMIT fails | at the 201 | raise 409 | return 409 | caught | task fails
            for name, path in PATHS.items():
                print(" | ".join([name, *await try_place(client, path)]))
                #> in the endpoint | told 500 | stored | gone | gone | told 500 | kept
                #> after yield | told 201 | not yet | gone | kept | told 201 | gone
                #> begin() around yield | told 201 | not yet | gone | kept | told 201 | gone
                #> after yield, function scope | told 500 | stored | gone | kept | told 500 | kept
                #> begin(), function scope | told 500 | stored | gone | kept | told 201 | kept
                #> in a middleware | told 500 | stored | gone | gone | told 500 | kept
            # --8<-- [end:table]
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
