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
from fastapi import FastAPI, Request
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def wrong_database_url() -> URL:
    """The right URL, but for the place where the database is."""
    url = make_url(DATABASE_URL)
    if url.get_backend_name() == "sqlite":
        return url.set(database="no_such_folder/greenlit.db")
    return url.set(host="127.0.0.1", port=1, query={})


# --8<-- [start:lifespan]
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, AsyncEngine]]:
    engine = create_async_engine(wrong_database_url())
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        yield {"engine": engine}
    finally:
        await engine.dispose()


app = FastAPI(lifespan=lifespan)
# --8<-- [end:lifespan]


@app.get("/health")
async def health() -> str:
    return "alive"


@app.get("/users")
async def count_users(request: Request) -> int:
    async with request.state.engine.connect() as connection:
        result = await connection.execute(text("SELECT count(*) FROM users"))
        number: int = result.scalar_one()
        return number


# --8<-- [start:serve]
async def serve(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit as stop:
        print("uvicorn exits with", stop.code)
        #> uvicorn exits with 3


# --8<-- [end:serve]


async def main() -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    serving = asyncio.create_task(serve(server))
    try:
        # --8<-- [start:start]
        while not (server.started or serving.done()):
            await asyncio.sleep(0.01)
        print("the server has started:", server.started)
        #> the server has started: False
        # --8<-- [end:start]
        if server.started:
            port = server.servers[0].sockets[0].getsockname()[1]
            # --8<-- [start:ask]
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                for path in "/health", "/users":
                    print(f"{path}: {(await client.get(path)).status_code}")
            # --8<-- [end:ask]
    finally:
        server.should_exit = True
        await serving
    assert not server.started, "it runs with a database that is not there"


if __name__ == "__main__":
    asyncio.run(main())
