# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "fastapi>=0.121", "httpx"]
# ///
# also: fastapi==0.121.*, fastapi==0.137.*
# drivers: aiosqlite (no database is involved)
import asyncio
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def order_of(scope: Literal["function"] | None) -> list[str]:
    """What comes first: the exit code of a dependency, or the response?"""
    events: list[str] = []

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession() as session:
            yield session

    async def current_user(
        session: Annotated[AsyncSession, Depends(get_session, scope=scope)],
    ) -> AsyncIterator[str]:
        yield "Ada"
        events.append("exit code")

    app = FastAPI()

    @app.get("/")
    async def read(user: Annotated[str, Depends(current_user, scope=scope)]) -> str:
        return user

    async def watched(asgi_scope: Any, receive: Any, send: Any) -> None:
        async def note(message: Any) -> None:
            events.append(message["type"])
            await send(message)

        await app(asgi_scope, receive, note)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://app") as client:
        assert (await client.get("/")).json() == "Ada"
    return events


async def claim_exit_code(_engine: AsyncEngine) -> None:
    """In a request that succeeds, a dependency's code after its `yield` runs before the response is sent with `scope="function"`, and after it in the default scope."""
    assert (await order_of("function"))[0] == "exit code"
    assert (await order_of(None))[-1] == "exit code"


async def hello() -> str:
    return "Hello"


async def claim_other_routes(_engine: AsyncEngine) -> None:
    """If FastAPI cannot build the endpoints of an included router, paths that were declared after it are a 500, too, and so is an unknown path. A route that was declared before it works."""

    async def get_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession() as session:
            yield session

    async def current_user(
        session: Annotated[AsyncSession, Depends(get_session, scope="function")],
    ) -> AsyncIterator[str]:
        yield "Ada"

    wrong, right = APIRouter(), APIRouter()
    wrong.get("/wrong")(hello)
    right.get("/right")(hello)
    app = FastAPI()
    app.get("/before")(hello)
    app.include_router(wrong, prefix="/users", dependencies=[Depends(current_user)])
    app.include_router(right)
    app.get("/after")(hello)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        assert (await client.get("/before")).status_code == 200
        for path in ("/users/wrong", "/right", "/after", "/unknown"):
            assert (await client.get(path)).status_code == 500


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
