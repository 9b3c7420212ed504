# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "psycopg[binary]", "anyio", "fastapi>=0.163", "httpx", "uvicorn",
# ]
# ///
# drivers: psycopg (it is the only one of the three that works for both kinds of engine, with the same URL)
# unrecorded: 60 requests in 40 threads come in another order each time
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import anyio.to_thread
import httpx
import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from starlette.types import Receive, Scope, Send

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

THREADS = 40
NAME = text("SELECT 'Ada'")
engine: Engine
async_engine: AsyncEngine


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


async def get_async_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(async_engine) as session:
        yield session


# --8<-- [start:ways]
SessionDep = Annotated[Session, Depends(get_session)]
FunctionScoped = Annotated[Session, Depends(get_session, scope="function")]
Limited = Annotated[Session, Depends(get_session, max_concurrency=5)]


def as_above(session: SessionDep) -> dict[str, str]:
    return {"name": session.scalar(NAME)}


def function_scope(session: FunctionScoped) -> dict[str, str]:
    return {"name": session.scalar(NAME)}


def limited(session: Limited) -> dict[str, str]:
    return {"name": session.scalar(NAME)}


def limited_and_slow(session: Limited) -> dict[str, str]:
    session.execute(text("SELECT pg_sleep(0.1)"))
    return {"name": session.scalar(NAME)}


def no_response_model(session: SessionDep):  # type: ignore[no-untyped-def]
    return {"name": session.scalar(NAME)}


def commits(session: SessionDep) -> dict[str, str]:
    name = session.scalar(NAME)
    session.commit()
    return {"name": name}


def own_session() -> dict[str, str]:
    with Session(engine) as session:
        return {"name": session.scalar(NAME)}


async def async_session(
    session: Annotated[AsyncSession, Depends(get_async_session)],
) -> dict[str, str]:
    return {"name": await session.scalar(NAME)}


# --8<-- [end:ways]


class Server:
    def __init__(self, endpoint: object, requests: int) -> None:
        self.app = FastAPI(dependencies=[Depends(asyncio.Barrier(requests).wait)])
        self.app.get("/")(endpoint)  # type: ignore[type-var]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            assert type(error).__name__ == "TimeoutError"


@asynccontextmanager
async def serving(app: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server on a free port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_level="critical"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            limits=httpx.Limits(max_connections=None),
            timeout=60,
        ) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def answers(
    endpoint: object,
    pool_size: int = 5,
    pool_timeout: float = 2,
    threads: int = THREADS,
    requests: int = 60,
) -> str:
    global engine, async_engine
    options = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": pool_timeout}
    engine, async_engine = create_engine(DATABASE_URL, **options), create_async_engine(
        DATABASE_URL, **options
    )
    anyio.to_thread.current_default_thread_limiter().total_tokens = threads
    try:
        async with serving(Server(endpoint, requests)) as client:
            got = await asyncio.gather(*(client.get("/") for _ in range(requests)))
        return "some 500" if any(answer.status_code == 500 for answer in got) else "all 200"
    finally:
        engine.dispose()
        await async_engine.dispose()


async def main() -> None:
    # --8<-- [start:table]
    print("Way | Answers")
    #> Way | Answers
    print("as above |", await answers(as_above))
    #> as above | some 500
    print("44 requests instead of 60 |", await answers(as_above, requests=44))
    #> 44 requests instead of 60 | all 200
    print('`scope="function"` |', await answers(function_scope))
    #> `scope="function"` | some 500
    print("15 threads instead of 40 |", await answers(as_above, threads=15))
    #> 15 threads instead of 40 | some 500
    print("pool of 40 instead of 5 |", await answers(as_above, pool_size=40))
    #> pool of 40 instead of 5 | all 200
    print("pool of 40, and 100 requests |", await answers(as_above, pool_size=40, requests=100))
    #> pool of 40, and 100 requests | some 500
    print("`max_concurrency=5` |", await answers(limited))
    #> `max_concurrency=5` | all 200
    slow = await answers(limited_and_slow, pool_timeout=0.2)
    print("the same, queries of 0.1 s, `pool_timeout=0.2` |", slow)
    #> the same, queries of 0.1 s, `pool_timeout=0.2` | all 200
    print("no response model |", await answers(no_response_model))
    #> no response model | all 200
    print("`commit()` before the `return` |", await answers(commits))
    #> `commit()` before the `return` | all 200
    print("session opened in the endpoint |", await answers(own_session))
    #> session opened in the endpoint | all 200
    print("`async def` and `AsyncSession` |", await answers(async_session))
    #> `async def` and `AsyncSession` | all 200
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
