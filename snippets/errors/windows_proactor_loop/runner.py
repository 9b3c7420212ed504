# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]", "fastapi", "uvicorn", "httpx"]
# ///
# drivers: psycopg (asyncpg and aiosqlite take any loop)
import asyncio
import os
import sys

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)

engine = create_async_engine(DATABASE_URL)
app = FastAPI()


@app.get("/")
async def loop() -> dict[str, str]:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    selector = isinstance(asyncio.get_running_loop(), asyncio.SelectorEventLoop)
    return {"loop": "a selector loop" if selector else "another"}


# --8<-- [start:serve]
async def serve_and_ask() -> None:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient() as client:
            print((await client.get(f"http://127.0.0.1:{port}/")).json())
            #> {'loop': 'a selector loop'}
    finally:
        server.should_exit = True
        await serving
        await engine.dispose()


# --8<-- [end:serve]


# --8<-- [start:runner]
def main() -> None:
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(serve_and_ask())


# --8<-- [end:runner]

if __name__ == "__main__":
    main()
