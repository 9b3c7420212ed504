# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx", "uvicorn",
# ]
# ///
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

counted = {"opened": 0, "closed": 0}


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.engine = create_async_engine(DATABASE_URL)
    count_connections(app)
    yield
    await app.state.engine.dispose()


# --8<-- [end:lifespan]


def count_connections(app: FastAPI) -> None:
    @event.listens_for(app.state.engine.sync_engine, "connect")
    def on_connect(*_: object) -> None:
        counted["opened"] += 1

    @event.listens_for(app.state.engine.sync_engine, "close")
    def on_close(*_: object) -> None:
        counted["closed"] += 1


app = FastAPI(lifespan=lifespan)


# --8<-- [start:endpoint]
@app.get("/one")
async def one() -> int:
    async with app.state.engine.connect() as connection:
        result = await connection.execute(text("SELECT 1"))
        number: int = result.scalar_one()
        return number


# --8<-- [end:endpoint]


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
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
    # --8<-- [start:count]
    async with serving(app) as client:
        print("the server has started:", counted)
        #> the server has started: {'opened': 0, 'closed': 0}
        await client.get("/one")
        print("after the first request:", counted)
        #> after the first request: {'opened': 1, 'closed': 0}
        await client.get("/one")
        print("after the second:", counted)
        #> after the second: {'opened': 1, 'closed': 0}
    print("the server has stopped:", counted)
    #> the server has stopped: {'opened': 1, 'closed': 1}
    # --8<-- [end:count]


if __name__ == "__main__":
    asyncio.run(main())
