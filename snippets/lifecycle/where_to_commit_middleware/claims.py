# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
from fastapi import BackgroundTasks, FastAPI, Request, Response, WebSocket
from fastapi.responses import JSONResponse, StreamingResponse
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
Answer = Callable[[Request, Exception], Awaitable[Response]]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)


class CommitBeforeTheResponse:
    """A pure ASGI middleware."""

    def __init__(self, app: ASGIApp, engine: AsyncEngine) -> None:
        self.app, self.engine = app, engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with AsyncSession(self.engine, expire_on_commit=False) as session:

            async def send_after_commit(message: Message) -> None:
                if message["type"] == "http.response.start" and message["status"] < 400:
                    await session.commit()
                await send(message)

            scope.setdefault("state", {})["session"] = session
            await self.app(scope, receive, send_after_commit)


def with_middleware(engine: AsyncEngine) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def commit(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        async with AsyncSession(engine, expire_on_commit=False, close_resets_only=False) as session:
            request.state.session = session
            response = await call_next(request)
            if response.status_code < 400:
                await session.commit()
            return response

    return app


async def status_of_a_duplicate(engine: AsyncEngine, app: FastAPI) -> int:
    @app.post("/users", status_code=201)
    async def create_user(request: Request) -> None:
        request.state.session.add(User(id=1))

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.post("/users")).status_code == 201
        async with AsyncSession(engine) as session:
            assert list(await session.scalars(select(User.id))) == [1]
        return (await client.post("/users")).status_code


async def conflict(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": type(error).__name__}, status_code=409)


async def claim_handler_for_all(engine: AsyncEngine) -> None:
    """A handler for `Exception` does see what the commit of the middleware raises."""
    app = with_middleware(engine)
    app.add_exception_handler(Exception, conflict)
    assert await status_of_a_duplicate(engine, app) == 409


async def claim_pure_asgi(engine: AsyncEngine) -> None:
    """A pure ASGI middleware can commit before it passes on the message `http.response.start`: a commit that fails
    is then a 500."""
    app = FastAPI()
    app.add_middleware(CommitBeforeTheResponse, engine=engine)
    assert await status_of_a_duplicate(engine, app) == 500


async def claim_closed_before_tasks(engine: AsyncEngine) -> None:
    """A background task finds the session closed, and so does the generator of a stream after its first item."""
    app, errors = with_middleware(engine), []

    async def use(request: Request) -> None:
        try:
            await request.state.session.get(User, 1)
        except InvalidRequestError as raised:
            errors.append(str(raised))

    @app.get("/task")
    async def task(request: Request, background: BackgroundTasks) -> None:
        background.add_task(use, request)

    @app.get("/stream")
    async def stream(request: Request) -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "line"
            await use(request)

        return StreamingResponse(lines())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        await client.get("/task")
        await client.get("/stream")
    assert ["has been permanently closed" in error for error in errors] == [True, True]


async def claim_stream_starts(engine: AsyncEngine) -> None:
    """The generator of a stream starts before the middleware has committed."""
    app, started = FastAPI(), asyncio.Event()

    @app.middleware("http")
    async def slow(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        await asyncio.wait_for(started.wait(), timeout=10)  # Here it would commit.
        return response

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            started.set()
            yield "line"

        return StreamingResponse(lines())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/stream")).text == "line"


async def claim_all_requests(engine: AsyncEngine) -> None:
    """The middleware makes a session for a request to `/docs`, too, but that takes no connection."""
    app, found = with_middleware(engine), []

    @app.middleware("http")
    async def outside(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        assert isinstance(engine.pool, QueuePool)
        found.append((isinstance(request.state.session, AsyncSession), engine.pool.checkedin()))
        return response

    await engine.dispose()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/docs")).status_code == 200
    assert found == [(True, 0)]


async def claim_no_web_sockets(engine: AsyncEngine) -> None:
    """A WebSocket does not come through `app.middleware("http")`, so it has no session there."""
    app, found = with_middleware(engine), []

    @app.websocket("/")
    async def talk(socket: WebSocket) -> None:
        found.append(hasattr(socket.state, "session"))

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        pass

    await app({"type": "websocket", "path": "/", "headers": [], "query_string": b""}, receive, send)
    assert found == [False]


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
