# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi>=0.121", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

engine = create_async_engine(DATABASE_URL)
session_factory = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


# --8<-- [start:dependencies]
async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
UncachedDep = Annotated[AsyncSession, Depends(get_session, scope="function", use_cache=False)]
DefaultScopeDep = Annotated[AsyncSession, Depends(get_session)]


async def current_user(session: SessionDep) -> AsyncSession:
    return session  # In place of the user, so that we can look at it.


# --8<-- [end:dependencies]


# --8<-- [start:endpoint]
@app.get("/compare")
async def compare(
    session: SessionDep,
    of_the_user: Annotated[AsyncSession, Depends(current_user)],
    uncached: UncachedDep,
    in_default_scope: DefaultScopeDep,
) -> dict[str, bool]:
    return {
        "another dependency": of_the_user is session,
        "use_cache=False": uncached is session,
        "the other scope": in_default_scope is session,
    }


# --8<-- [end:endpoint]


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def main() -> None:
    try:
        # --8<-- [start:client]
        async with serving() as client:
            response = await client.get("/compare")
        print("asked for through | the same session")
        #> asked for through | the same session
        for how, same in response.json().items():
            print(f"{how} | {'yes' if same else 'no'}")
            #> another dependency | yes
            #> use_cache=False | no
            #> the other scope | no
        # --8<-- [end:client]
    finally:
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
