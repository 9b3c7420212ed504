# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "starlette>=0.40", "litestar>=2.23",
#     "httpx",
# ]
# ///
import asyncio
import gc
import os
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import httpx
from litestar import Litestar, get
from litestar import Response as LitestarResponse
from litestar.background_tasks import BackgroundTask as LitestarTask
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotAuthorizedException
from litestar.response import Stream
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import QueuePool
from starlette.applications import Starlette
from starlette.background import BackgroundTask
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


class SessionMiddleware:
    def __init__(self, app: ASGIApp, engine: AsyncEngine) -> None:
        self.app, self.engine = app, engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncSession(
            self.engine, expire_on_commit=False, close_resets_only=False
        ) as session:
            scope.setdefault("state", {})["session"] = session

            async def commit_first(message: Message) -> None:
                if message["type"] == "http.response.start":
                    if message["status"] < 400:
                        await session.commit()
                    await session.close()
                await send(message)

            await self.app(scope, receive, commit_first)


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def status_of(handler: Any, dependencies: dict[str, Any]) -> int:
    """What a request to a handler with these dependencies is answered with."""
    provided = {name: Provide(dependency) for name, dependency in dependencies.items()}
    app = Litestar([handler], dependencies=provided, logging_config=None)
    async with client_of(app) as client:
        return (await client.get("/")).status_code


async def claim_closed_before_tasks(engine: AsyncEngine) -> None:
    """This middleware has closed the session when a background task begins: a task that uses it raises
    `InvalidRequestError`."""
    errors: list[str] = []

    async def use(session: AsyncSession) -> None:
        try:
            await session.scalars(select(User))
        except InvalidRequestError as raised:
            errors.append(str(raised))

    async def endpoint(request: Request) -> JSONResponse:
        return JSONResponse({}, background=BackgroundTask(use, request.state.session))

    app = Starlette(
        routes=[Route("/", endpoint)], middleware=[Middleware(SessionMiddleware, engine=engine)]
    )
    async with client_of(app) as client:
        await client.get("/")
    assert ["has been permanently closed" in error for error in errors] == [True]


async def claim_at_the_same_time(engine: AsyncEngine) -> None:
    """Litestar runs two dependencies of a handler at the same time if neither depends on the other."""
    both, met = asyncio.Barrier(2), []

    async def user() -> str:
        async with asyncio.timeout(10):
            await both.wait()
        met.append("user")
        return "Ada"

    async def shop() -> str:
        async with asyncio.timeout(10):
            await both.wait()
        met.append("shop")
        return "Tea House"

    @get("/")
    async def handler(user: NamedDependency[str], shop: NamedDependency[str]) -> None:
        pass

    await status_of(handler, {"user": user, "shop": shop})
    assert sorted(met) == ["shop", "user"]


async def claim_left_at_the_same_time(engine: AsyncEngine) -> None:
    """Litestar runs the code after the `yield` of two dependencies at the same time, although one depends on the
    other."""
    both, met = asyncio.Barrier(2), []

    async def session() -> AsyncGenerator[str, None]:
        yield "session"
        async with asyncio.timeout(10):
            await both.wait()
        met.append("session")

    async def audit(session: NamedDependency[str]) -> AsyncGenerator[str, None]:
        yield "audit"
        async with asyncio.timeout(10):
            await both.wait()
        met.append("audit")

    @get("/")
    async def handler(session: NamedDependency[str], audit: NamedDependency[str]) -> None:
        pass

    await status_of(handler, {"session": session, "audit": audit})
    assert sorted(met) == ["audit", "session"]


async def claim_another_dependency_raises(engine: AsyncEngine) -> None:
    """If another dependency raises after it has read with the session, the connection is still checked out when the
    response begins, and the session's dependency has not had the exception."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    thrown: list[BaseException] = []
    begun: list[tuple[int, int, int]] = []

    async def provide_session() -> AsyncGenerator[AsyncSession, None]:
        async with AsyncSession(engine) as session:
            try:
                yield session
            except Exception as error:
                thrown.append(error)
                raise

    async def user(session: NamedDependency[AsyncSession]) -> str:
        await session.scalars(select(User))
        raise NotAuthorizedException

    async def look(message: Any, scope: Any) -> None:
        if message["type"] == "http.response.start":
            begun.append((message["status"], pool.checkedout(), len(thrown)))

    @get("/")
    async def handler(user: NamedDependency[str]) -> None:
        pass

    app = Litestar(
        [handler],
        dependencies={"session": Provide(provide_session), "user": Provide(user)},
        before_send=[look],
        logging_config=None,
    )
    async with client_of(app) as client:
        await client.get("/")
    async with asyncio.timeout(30):
        while pool.checkedout():  # The collector has the generator closed.
            gc.collect()
            await asyncio.sleep(0.01)
    assert begun == [(401, 1, 0)]


async def claim_handler_raises(engine: AsyncEngine) -> None:
    """If the handler raises, the exception is thrown into the session's dependency before the response begins."""
    events: list[str] = []

    async def session() -> AsyncGenerator[str, None]:
        try:
            yield "session"
        except NotAuthorizedException:
            events.append("thrown")
            raise

    async def look(message: Any, scope: Any) -> None:
        events.append(message["type"])

    @get("/")
    async def handler(session: NamedDependency[str]) -> None:
        raise NotAuthorizedException

    app = Litestar(
        [handler], dependencies={"session": Provide(session)}, before_send=[look], logging_config=None
    )
    async with client_of(app) as client:
        await client.get("/")
    assert events == ["thrown", "http.response.start", "http.response.body"]


async def claim_rendered_before(engine: AsyncEngine) -> None:
    """Litestar renders what the handler returns before it runs the code after the `yield`: a value that cannot be
    rendered is a 500, and the commit is not reached."""
    reached = []

    async def session() -> AsyncGenerator[str, None]:
        yield "session"
        reached.append("commit")

    @get("/")
    async def handler(session: NamedDependency[str]) -> Any:
        return object()

    assert await status_of(handler, {"session": session}) == 500
    assert reached == []


async def claim_litestar_closed(engine: AsyncEngine) -> None:
    """Litestar leaves the generator dependency before a `Stream` is read and before a background task begins: if they use its session, they raise `InvalidRequestError`."""
    errors: list[str] = []

    async def provide_session() -> AsyncGenerator[AsyncSession, None]:
        async with AsyncSession(engine, close_resets_only=False) as session:
            yield session

    async def use(session: AsyncSession) -> None:
        try:
            await session.scalars(select(User))
        except InvalidRequestError as raised:
            errors.append(str(raised))

    async def lines(session: AsyncSession) -> AsyncGenerator[str, None]:
        await use(session)
        yield "line"

    @get("/stream")
    async def stream(session: NamedDependency[AsyncSession]) -> Stream:
        return Stream(lines(session))

    @get("/task")
    async def task(session: NamedDependency[AsyncSession]) -> LitestarResponse[str]:
        return LitestarResponse("", background=LitestarTask(use, session))

    app = Litestar(
        [stream, task], dependencies={"session": Provide(provide_session)}, logging_config=None
    )
    async with client_of(app) as client:
        await client.get("/stream")
        await client.get("/task")
    assert ["has been permanently closed" in error for error in errors] == [True, True]


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
