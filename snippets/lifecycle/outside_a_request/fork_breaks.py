# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "psycopg[binary]"]
# ///
# drivers: psycopg (SQLite has no server process, and asyncpg's connections cannot be used
#    from the child's event loop at all)
# silent: parent and child share one connection, and nothing is raised
# leaks: the assertion ends it before the engine is disposed of
# raises: AssertionError
import asyncio
import os
import sys

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+psycopg://user:password@localhost/test"
)


# --8<-- [start:engine]
async def server_process(engine: AsyncEngine) -> int:
    """The process of PostgreSQL that serves our connection."""
    async with engine.connect() as connection:
        return int(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)


# --8<-- [end:engine]


# --8<-- [start:child]
async def in_the_child(engine: AsyncEngine) -> int:
    return await server_process(engine)


# --8<-- [end:child]


def answer_of_a_child(engine: AsyncEngine) -> int:
    """What `in_the_child` returns in a forked process."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(send, str(asyncio.run(in_the_child(engine))).encode())
        finally:
            os._exit(0)  # The rest of this file is the parent's.
    os.close(send)
    os.waitpid(child, 0)
    with os.fdopen(receive) as pipe:
        return int(pipe.read())


def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    # --8<-- [start:fork]
    mine = asyncio.run(server_process(engine))
    childs = answer_of_a_child(engine)
    print(f"parent and child share a connection: {mine == childs}")
    #> parent and child share a connection: True
    still_mine = asyncio.run(server_process(engine))
    print(f"the parent still has its own: {mine == still_mine}")
    #> the parent still has its own: True
    assert mine != childs, "two processes talk over one connection"
    # --8<-- [end:fork]
    asyncio.run(engine.dispose())


if __name__ == "__main__":
    main()
