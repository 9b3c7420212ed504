# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.136", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
module_engine: Any = None
module_factory: Any = None
configured_factory = async_sessionmaker()


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    global module_engine, module_factory
    module_engine = create_async_engine(DATABASE_URL)
    module_factory = async_sessionmaker(module_engine)
    app.state.factory = module_factory
    configured_factory.configure(bind=module_engine)
    yield {"factory": module_factory}
    await module_engine.dispose()


KINDS: dict[str, Callable[[Request], AsyncSession]] = {
    "`app.state.factory`": lambda request: request.app.state.factory(),
    "a variable, `factory`": lambda request: module_factory(),
    "a variable, `engine`": lambda request: AsyncSession(module_engine),
    "`engine.connect()`": lambda request: module_engine.connect(),
    "`factory.configure(…)`": lambda request: configured_factory(),
    "`request.state.factory`": lambda request: request.state.factory(),
    '`request.state["factory"]`': lambda request: request.state["factory"](),
}
# --8<-- [end:lifespan]


def make_app(kind: Callable[[Request], AsyncSession]) -> FastAPI:
    global module_engine, module_factory
    module_engine = module_factory = None
    configured_factory.configure(bind=None)
    app = FastAPI(lifespan=lifespan)

    @app.get("/answer")
    async def answer(request: Request) -> int:
        async with kind(request) as opened:
            return await opened.scalar(text("SELECT 42")) or 0

    return app


async def get(app: ASGIApp) -> str:
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return (await client.get("/answer")).text
    except Exception as error:
        return f"`{type(error).__name__}: {str(error).partition(' on ')[0]}`"


async def get_in_lifespan(app: FastAPI, hand_on: bool) -> str:
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "state": dict(state or {})}, receive, send)

        return await get(with_state if hand_on else app)


async def main() -> None:
    # --8<-- [start:table]
    print("what a request uses | `ASGITransport(app)` | in `lifespan_context(app)` | and with the state")
    #> what a request uses | `ASGITransport(app)` | in `lifespan_context(app)` | and with the state
    for name, kind in KINDS.items():
        alone = await get(make_app(kind))
        inside = await get_in_lifespan(make_app(kind), hand_on=False)
        handed_on = await get_in_lifespan(make_app(kind), hand_on=True)
        print(name, "|", alone, "|", "same" if inside == alone else inside, "|", handed_on)
        #> `app.state.factory` | `AttributeError: 'State' object has no attribute 'factory'` | 42 | 42
        #> a variable, `factory` | `TypeError: 'NoneType' object is not callable` | 42 | 42
        #> a variable, `engine` | `UnboundExecutionError: Could not locate a bind configured` | 42 | 42
        #> `engine.connect()` | `AttributeError: 'NoneType' object has no attribute 'connect'` | 42 | 42
        #> `factory.configure(…)` | `UnboundExecutionError: Could not locate a bind configured` | 42 | 42
        #> `request.state.factory` | `AttributeError: 'State' object has no attribute 'factory'` | same | 42
        #> `request.state["factory"]` | `KeyError: 'factory'` | same | 42
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
