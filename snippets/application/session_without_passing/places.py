# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.106", "httpx"]
# ///
# unrecorded: it sends one request to five applications for each place, and what matters is their answers
import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
PLACES = [
    "an async def endpoint",
    "a def endpoint",
    "an async def dependency after it",
    "a def dependency after it",
    "a task of asyncio",
    "asyncio.to_thread",
    "loop.run_in_executor",
    "the second item of a StreamingResponse",
    "a background task",
    "a task that outlives the request",
]
closed: list[AsyncSession] = []
answers: dict[str, str] = {}

current: ContextVar[AsyncSession] = ContextVar("current")


@asynccontextmanager
async def session_scope() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        token = current.set(session)
        try:
            yield session
            await session.commit()
        finally:
            current.reset(token)


def look(place: str) -> None:
    """What the variable holds in this place."""
    session = current.get(None)
    if session is None:
        answers[place] = "no session"
    else:
        answers[place] = "closed" if session in closed else "open"


# --8<-- [start:setters]
async def dependency() -> AsyncIterator[None]:
    async with session_scope() as session:
        yield
    closed.append(session)


def def_dependency() -> None:
    current.set(session_factory())


class Middleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with session_scope() as session:
            await self.app(scope, receive, send)
        closed.append(session)


async def http_middleware(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    async with session_scope() as session:
        response = await call_next(request)
    closed.append(session)
    return response


# --8<-- [end:setters]


async def async_after() -> None:
    look("an async def dependency after it")


def def_after() -> None:
    look("a def dependency after it")


async def ask(dependencies: list[Any], prepare: Callable[[FastAPI], None]) -> dict[str, str]:
    app = FastAPI()
    prepare(app)
    answers.clear()
    request_is_over = asyncio.Event()
    later: list[asyncio.Task[None]] = []
    after = [*dependencies, Depends(async_after), Depends(def_after)]

    # --8<-- [start:places]
    async def wait_and_look() -> None:
        await request_is_over.wait()
        look("a task that outlives the request")

    async def look_in_task() -> None:
        look("a task of asyncio")

    @app.get("/async", dependencies=after)
    async def async_endpoint(background: BackgroundTasks) -> None:
        look("an async def endpoint")
        await asyncio.create_task(look_in_task())
        await asyncio.to_thread(look, "asyncio.to_thread")
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, look, "loop.run_in_executor")
        background.add_task(look, "a background task")
        later.append(asyncio.create_task(wait_and_look()))

    @app.get("/def", dependencies=dependencies)
    def def_endpoint() -> None:
        look("a def endpoint")

    @app.get("/stream", dependencies=dependencies)
    async def stream() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "first"
            look("the second item of a StreamingResponse")
            yield "second"

        return StreamingResponse(lines())

    # --8<-- [end:places]

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        for path in "/async", "/def", "/stream":
            await client.get(path)
    request_is_over.set()
    await asyncio.gather(*later)
    return dict(answers)


def nothing(app: FastAPI) -> None:
    pass


def with_middleware(app: FastAPI) -> None:
    app.add_middleware(Middleware)


def with_call_next(app: FastAPI) -> None:
    app.middleware("http")(http_middleware)


async def main() -> None:
    scope: dict[str, Any] = {"scope": "function"}
    has_scope = "scope" in inspect.signature(Depends).parameters
    found = {
        "dependency": await ask([Depends(dependency)], nothing),
        "function scope": (
            await ask([Depends(dependency, **scope)], nothing) if has_scope else {}
        ),
        "def dependency": await ask([Depends(def_dependency)], nothing),
        "ASGI middleware": await ask([], with_middleware),
        "call_next": await ask([], with_call_next),
    }
    await engine.dispose()
    # --8<-- [start:table]
    print(" | ".join(["read in", *found]))
    #> read in | dependency | function scope | def dependency | ASGI middleware | call_next
    for place in PLACES:
        print(" | ".join([place, *(answers.get(place, "n/a") for answers in found.values())]))
        #> an async def endpoint | open | open | no session | open | open
        #> a def endpoint | open | open | no session | open | open
        #> an async def dependency after it | open | open | no session | open | open
        #> a def dependency after it | open | open | no session | open | open
        #> a task of asyncio | open | open | no session | open | open
        #> asyncio.to_thread | open | open | no session | open | open
        #> loop.run_in_executor | no session | no session | no session | no session | no session
        #> the second item of a StreamingResponse | open | no session | no session | open | closed
        #> a background task | open | no session | no session | open | closed
        #> a task that outlives the request | closed | closed | no session | closed | closed
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
