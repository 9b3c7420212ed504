# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.106", "httpx"]
# ///
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import httpx
from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.types import ASGIApp, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)


async def request(app: Any) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/")


async def claim_def_generator(engine: AsyncEngine) -> None:
    """In a `def` dependency, `reset()` after the `yield` raises `ValueError`, because each half runs in a copy of the
    context."""
    current: ContextVar[str] = ContextVar("current")
    app, errors = FastAPI(), []

    def dependency() -> Iterator[None]:
        token = current.set("session")
        yield
        try:
            current.reset(token)
        except ValueError as raised:
            errors.append(str(raised))

    @app.get("/", dependencies=[Depends(dependency)])
    async def endpoint() -> None:
        pass

    await request(app)
    assert ["was created in a different Context" in error for error in errors] == [True]


async def claim_async_generator(engine: AsyncEngine) -> None:
    """In an `async def` dependency, `reset()` after the `yield` works."""
    current: ContextVar[str] = ContextVar("current")
    app, reset = FastAPI(), []

    async def dependency() -> AsyncIterator[None]:
        token = current.set("session")
        yield
        current.reset(token)
        reset.append(current.get("nothing"))

    @app.get("/", dependencies=[Depends(dependency)])
    async def endpoint() -> None:
        pass

    await request(app)
    assert reset == ["nothing"]


async def claim_call_next_does_not_see(engine: AsyncEngine) -> None:
    """What an endpoint sets is not visible in a middleware with `call_next`, after it."""
    current: ContextVar[str] = ContextVar("current")
    app, seen = FastAPI(), []

    @app.middleware("http")
    async def middleware(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        response = await call_next(request)
        seen.append(current.get("nothing"))
        return response

    @app.get("/")
    async def endpoint() -> None:
        current.set("session")

    await request(app)
    assert seen == ["nothing"]


async def claim_asgi_sees(engine: AsyncEngine) -> None:
    """What an `async def` endpoint sets is visible in a pure ASGI middleware, after it."""
    current: ContextVar[str] = ContextVar("current")
    app, seen = FastAPI(), []

    class Middleware:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            seen.append(current.get("nothing"))

    app.add_middleware(Middleware)

    @app.get("/")
    async def endpoint() -> None:
        current.set("session")

    await request(app)
    assert seen == ["session"]


async def claim_own_commit(engine: AsyncEngine) -> None:
    """A task with a `session_scope()` of its own commits on its own: its row stays, although the request fails afterwards."""
    current: ContextVar[AsyncSession] = ContextVar("current")

    @asynccontextmanager
    async def session_scope() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            token = current.set(session)
            try:
                yield session
                await session.commit()
            finally:
                current.reset(token)

    async def in_a_task() -> None:
        async with session_scope():
            current.get().add(Note(id=1))

    failed = False
    try:
        async with session_scope():
            await asyncio.create_task(in_a_task())
            current.get().add(Note(id=2))
            await current.get().flush()
            raise RuntimeError("the request fails")
    except RuntimeError:
        failed = True
    async with AsyncSession(engine) as session:
        assert failed
        assert list(await session.scalars(select(Note.id))) == [1]


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
