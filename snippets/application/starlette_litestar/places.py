# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "starlette>=0.40", "litestar>=2.23",
#     "httpx", "uvicorn",
# ]
# ///
# unrecorded: it asks four applications six questions each, and what matters is their answers
import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import litestar
import uvicorn
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
seen_by_tasks: list[int] = []


async def count_users() -> int:
    async with session_factory() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def look() -> None:
    """The background task."""
    seen_by_tasks.append(await count_users())


class SessionMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with session_factory() as session:
            scope.setdefault("state", {})["session"] = session

            async def commit_first(message: Message) -> None:
                if message["type"] == "http.response.start":
                    if message["status"] < 400:
                        await session.commit()
                    await session.close()
                await send(message)

            await self.app(scope, receive, commit_first)


# --8<-- [start:starlette]
async def answer(session: AsyncSession, name: str, then: str) -> JSONResponse:
    session.add(User(name=name))
    if then == "raise 409":
        raise HTTPException(409)
    status = 409 if then == "return 409" else 201
    return JSONResponse({}, status_code=status, background=BackgroundTask(look))


async def in_the_endpoint(request: Request) -> JSONResponse:
    async with session_factory() as session:
        response = await answer(session, **request.query_params)
        if response.status_code < 400:
            await session.commit()
        return response


async def with_the_middleware(request: Request) -> JSONResponse:
    return await answer(request.state.session, **request.query_params)


async def conflict(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({}, status_code=409)


# --8<-- [end:starlette]


# --8<-- [start:litestar]
async def provide_session() -> AsyncGenerator[AsyncSession, None]:
    async with session_factory() as session:
        yield session
        await session.commit()


async def session_of_the_middleware(request: litestar.Request[Any, Any, Any]) -> AsyncSession:
    session: AsyncSession = request.scope["state"]["session"]
    return session


@litestar.post("/users")
async def handler(
    session: NamedDependency[AsyncSession], name: FromQuery[str], then: FromQuery[str]
) -> litestar.Response[dict[str, str]]:
    session.add(User(name=name))
    if then == "raise 409":
        raise litestar.exceptions.HTTPException(status_code=409)
    status = 409 if then == "return 409" else 201
    return litestar.Response({}, status_code=status, background=LitestarTask(look))


def litestar_conflict(
    request: litestar.Request[Any, Any, Any], error: Exception
) -> litestar.Response[dict[str, str]]:
    return litestar.Response({}, status_code=409)


# --8<-- [end:litestar]


def starlette_app(handled: bool, endpoint: Any, middleware: list[Middleware]) -> Any:
    return Starlette(
        routes=[Route("/users", endpoint, methods=["POST"])],
        middleware=middleware,
        exception_handlers={IntegrityError: conflict} if handled else {},
    )


def litestar_app(handled: bool, dependency: Any, middleware: list[Any]) -> Any:
    return litestar.Litestar(
        [handler],
        dependencies={"session": Provide(dependency)},
        middleware=middleware,
        exception_handlers={IntegrityError: litestar_conflict} if handled else {},
        logging_config=None,
    )


def places(handled: bool) -> dict[str, Any]:
    """Each place, with or without a handler for IntegrityError."""
    return {
        "Starlette, in the endpoint": starlette_app(handled, in_the_endpoint, []),
        "Starlette, middleware": starlette_app(
            handled, with_the_middleware, [Middleware(SessionMiddleware)]
        ),
        "Litestar, dependency": litestar_app(handled, provide_session, []),
        "Litestar, middleware": litestar_app(
            handled, session_of_the_middleware, [SessionMiddleware]
        ),
    }


class Conversation:
    """One request; the application goes on after its last byte when the client has looked."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.client_has_looked = asyncio.Event()
        self.is_over = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient_send(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await asyncio.wait_for(self.client_has_looked.wait(), timeout=30)

        try:
            await self.app(scope, receive, patient_send)
        finally:
            self.is_over.set()


conversation = Conversation(None)


async def current(scope: Scope, receive: Receive, send: Send) -> None:
    await conversation(scope, receive, send)


async def ask(client: httpx.AsyncClient, app: Any, then: str) -> tuple[int, int, int]:
    """The status, the rows when the client has it, and the rows when the application is done."""
    global conversation
    conversation = Conversation(app)
    response = await client.post("/users", params={"name": "Ada", "then": then})
    rows_now = await count_users()
    conversation.client_has_looked.set()
    await conversation.is_over.wait()
    return response.status_code, rows_now, await count_users()


async def forget_users() -> None:
    async with session_factory.begin() as session:
        await session.execute(delete(User))


# --8<-- [start:questions]
async def try_place(client: httpx.AsyncClient, app: Any, app_with_handler: Any) -> list[str]:
    _, visible, _ = await ask(client, app, "return")
    seen = seen_by_tasks[-1]
    duplicate, _, _ = await ask(client, app, "return")
    handled, _, _ = await ask(client, app_with_handler, "return")
    await forget_users()
    _, _, raised = await ask(client, app, "raise 409")
    await forget_users()
    _, _, returned = await ask(client, app, "return 409")
    await forget_users()
    kept = {0: "gone", 1: "kept"}
    return [
        f"told {duplicate}",
        f"told {handled}",
        {0: "not yet", 1: "stored"}[visible],
        {0: "not yet", 1: "stored"}[seen],
        kept[raised],
        kept[returned],
    ]


# --8<-- [end:questions]


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(current, port=0, lifespan="off", log_level="critical"))
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
        plain, handled = places(handled=False), places(handled=True)
        async with serving() as client:
            # --8<-- [start:table]
            print("the commit is | duplicate | with a handler | at the 201 | in a task | raise 409 | return 409")
            #> the commit is | duplicate | with a handler | at the 201 | in a task | raise 409 | return 409
            for name, app in plain.items():
                print(" | ".join([name, *await try_place(client, app, handled[name])]))
                #> Starlette, in the endpoint | told 500 | told 409 | stored | stored | gone | gone
                #> Starlette, middleware | told 500 | told 500 | stored | stored | gone | gone
                #> Litestar, dependency | told 500 | told 409 | stored | stored | gone | kept
                #> Litestar, middleware | told 500 | told 500 | stored | stored | gone | gone
            # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
