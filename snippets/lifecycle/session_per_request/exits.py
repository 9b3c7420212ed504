# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.22", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121.1", "httpx"]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False, close_resets_only=False)
app = FastAPI()
events: list[str] = []


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    try:
        async with session_factory() as session:
            yield session
            await session.commit()
            events.append("commit")
    finally:
        events.append("session closed")


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def audit(session: SessionDep) -> AsyncIterator[None]:
    try:
        yield
    except HTTPException as error:
        events.append(f"audit sees {error.status_code}")
        raise
    finally:
        events.append("audit left")


async def request_scope() -> AsyncIterator[None]:
    try:
        yield
    finally:
        events.append("default scope left")


@app.get("/", dependencies=[Depends(audit, scope="function"), Depends(request_scope)])
async def endpoint(session: SessionDep, refuse: bool = False) -> None:
    await session.scalar(select(1))
    if refuse:
        raise HTTPException(409)


# --8<-- [end:dependencies]


class Watch:
    """Notes when the response begins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                events.append(f"response {message['status']}")
            await send(message)

        await self.app(scope, receive, watched)


app.add_middleware(Watch)


async def main() -> None:
    try:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            # --8<-- [start:client]
            for path in "/", "/?refuse=true":
                events.clear()
                await client.get(path)
                print(" → ".join(events))
                #> audit left → commit → session closed → response 200 → default scope left
                #> audit sees 409 → audit left → session closed → default scope left → response 409
            # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
