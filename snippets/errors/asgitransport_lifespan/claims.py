# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

with warnings.catch_warnings():
    # Starlette prefers another client library by now.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

module_engine: AsyncEngine | None = None
ABSENT = "'State' object has no attribute 'factory'"


def make_app(engine: AsyncEngine) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.factory = async_sessionmaker(engine)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.get("/answer")(answer)
    return app


async def answer(request: Request) -> int:
    async with request.app.state.factory() as session:
        return await session.scalar(text("SELECT 42")) or 0


async def answer_of_request_state(request: Request) -> int:
    async with request.state.factory() as session:
        return await session.scalar(text("SELECT 42")) or 0


async def get(app: ASGIApp, path: str = "/answer") -> str:
    """The body, or the message of what the application raised."""
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return (await client.get(path)).text
    except Exception as error:
        return str(error)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """A real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def claim_order_of_tests(engine: AsyncEngine) -> None:
    """After a test that ran the lifespan, `app.state` keeps the factory, so a later test that does not run it passes. Alone it fails."""
    app = make_app(engine)
    assert await get(app) == ABSENT
    async with app.router.lifespan_context(app):
        assert await get(app) == "42"
    assert await get(app) == "42"


async def claim_testclient(engine: AsyncEngine) -> None:
    """`TestClient(app)` runs the lifespan only in a `with` block. Without it, the request raises the same error."""

    def both(app: FastAPI) -> tuple[str, str]:
        try:
            outside = TestClient(app).get("/answer").text
        except AttributeError as error:
            outside = str(error)
        with TestClient(app) as client:
            return outside, client.get("/answer").text

    outside, inside = await asyncio.to_thread(both, make_app(engine))
    assert outside == ABSENT
    assert inside == "42"


async def claim_two_states(engine: AsyncEngine) -> None:
    """What the lifespan sets on `app.state` is not on `request.state`, with a real server as well. `request.app.state` has it."""
    app = make_app(engine)
    app.get("/state")(answer_of_request_state)
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/answer")).text == "42"
        assert (await client.get("/state")).status_code == 500


async def claim_mounted(engine: AsyncEngine) -> None:
    """The lifespan of a mounted application does not run, and in its endpoints `request.app` is that application."""
    app, mounted = FastAPI(), make_app(engine)
    app.mount("/api", mounted)
    async with app.router.lifespan_context(app):
        assert await get(app, "/api/answer") == ABSENT
    async with mounted.router.lifespan_context(mounted):
        assert await get(app, "/api/answer") == "42"


async def claim_on_event(engine: AsyncEngine) -> None:
    """If the application has a `lifespan`, functions of `@app.on_event("startup")` do not run."""

    async def startup() -> None:
        app.state.factory = async_sessionmaker(engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    results = []
    for app in (FastAPI(lifespan=lifespan), FastAPI()):
        app.get("/answer")(answer)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            app.on_event("startup")(startup)
        async with app.router.lifespan_context(app):
            results.append(await get(app))
    assert results[0] == ABSENT
    assert results[1] == "42"


async def claim_middleware(engine: AsyncEngine) -> None:
    """If code around the application fails for the scope `lifespan`, uvicorn starts without a lifespan, and requests fail."""
    app = make_app(engine)

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/metrics":
            await app(scope, receive, send)

    async with serving(around) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/answer")).status_code == 500
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/answer")).text == "42"


async def claim_global(engine: AsyncEngine) -> None:
    """A lifespan that assigns to a module's variable without `global` leaves it `None`, also when it runs."""

    @asynccontextmanager
    async def without_global(app: FastAPI) -> AsyncIterator[None]:
        module_engine = engine
        yield
        await module_engine.dispose()

    @asynccontextmanager
    async def with_global(app: FastAPI) -> AsyncIterator[None]:
        global module_engine
        module_engine = engine
        yield
        await module_engine.dispose()

    async with without_global(FastAPI()):
        assert module_engine is None
    async with with_global(FastAPI()):
        assert module_engine is engine


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
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


if __name__ == "__main__":
    asyncio.run(main())
