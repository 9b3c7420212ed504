# /// script
# requires-python = ">=3.11"
# dependencies = ["fastapi>=0.163", "httpx"]
# ///
# drivers: aiosqlite (no database is involved)
import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI


async def get_session() -> AsyncIterator[str]:
    yield "a session"


# --8<-- [start:twice]
Cached = Annotated[str, Depends(get_session, max_concurrency=2)]
NotCached = Annotated[str, Depends(get_session, max_concurrency=2, use_cache=False)]


async def user(session: Cached) -> str:
    return session


async def other_user(session: NotCached) -> str:
    return session


# --8<-- [end:twice]
app = FastAPI()


@app.get("/cached")
async def cached(session: Cached, user: Annotated[str, Depends(user)]) -> str:
    return user


@app.get("/not-cached")
async def not_cached(session: NotCached, user: Annotated[str, Depends(other_user)]) -> str:
    return user


async def ask(path: str) -> str:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        try:
            async with asyncio.timeout(2):
                await asyncio.gather(*(client.get(path) for _ in range(6)))
        except TimeoutError:
            return "no answer in 2 seconds"
        return "answered"


async def main() -> None:
    # --8<-- [start:ask]
    print("cached:", await ask("/cached"))
    #> cached: answered
    print("not cached:", await ask("/not-cached"))
    #> not cached: no answer in 2 seconds
    # --8<-- [end:ask]


if __name__ == "__main__":
    asyncio.run(main())
