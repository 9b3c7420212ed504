# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.106", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
seen: list[str] = []
counts: list[str] = []


@dataclass
class Statements:
    count: int = 0


request_id: ContextVar[str] = ContextVar("request_id", default="-")
number: ContextVar[int | None] = ContextVar("number", default=None)
statements: ContextVar[Statements | None] = ContextVar("statements", default=None)


# --8<-- [start:ways]
@event.listens_for(engine.sync_engine, "before_cursor_execute")
def count(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> None:
    seen.append(request_id.get())
    if (before := number.get()) is not None:
        number.set(before + 1)
    if current := statements.get():
        current.count += 1


def start() -> Statements:
    request_id.set("r1")
    number.set(0)
    current = Statements()
    statements.set(current)
    return current


def in_def() -> Iterator[None]:
    current = start()
    yield
    counts.extend([str(number.get()), str(current.count)])


async def in_async_def() -> AsyncIterator[None]:
    current = start()
    yield
    counts.extend([str(number.get()), str(current.count)])


class InBaseHTTPMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        current = start()
        response = await call_next(request)
        counts.extend([str(number.get()), str(current.count)])
        return response


class InPureMiddleware:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        current = start()
        await self.app(scope, receive, send)
        counts.extend([str(number.get()), str(current.count)])


async def read_one() -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))


# --8<-- [end:ways]


async def ask(name: str, app: FastAPI) -> str:
    seen.clear()
    counts.clear()
    app.get("/one")(read_one)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop"
    ) as client:
        await client.get("/one")
    found = "yes" if seen == ["r1"] else "no"
    return " | ".join([name, found, *counts])


async def main() -> None:
    ways = {
        "`def` dependency": FastAPI(dependencies=[Depends(in_def)]),
        "`async def` dependency": FastAPI(dependencies=[Depends(in_async_def)]),
        "`BaseHTTPMiddleware`": FastAPI(middleware=[Middleware(InBaseHTTPMiddleware)]),
        "pure ASGI middleware": FastAPI(middleware=[Middleware(InPureMiddleware)]),
    }
    try:
        # --8<-- [start:table]
        print("set in | the listener sees the id | counted in an int | in an object")
        #> set in | the listener sees the id | counted in an int | in an object
        for name, app in ways.items():
            print(await asyncio.create_task(ask(name, app)))
            #> `def` dependency | no | None | 0
            #> `async def` dependency | yes | 1 | 1
            #> `BaseHTTPMiddleware` | yes | 0 | 1
            #> pure ASGI middleware | yes | 1 | 1
        # --8<-- [end:table]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
