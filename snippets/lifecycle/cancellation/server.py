# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]", "anyio"]
# ///
# drivers: asyncpg (it tries psycopg itself, with the same PostgreSQL)
# unrecorded: all cases wait at the same time, and which is first varies
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable

import anyio
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

HERE = make_url(DATABASE_URL)


# --8<-- [start:report]
async def report(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(60)"))


async def task_cancel(engine: AsyncEngine) -> None:
    task = asyncio.create_task(report(engine))
    await asyncio.sleep(1)
    task.cancel()
    await task


async def asyncio_timeout(engine: AsyncEngine) -> None:
    async with asyncio.timeout(1):
        await report(engine)


async def wait_for(engine: AsyncEngine) -> None:
    await asyncio.wait_for(report(engine), timeout=1)


async def anyio_fail_after(engine: AsyncEngine) -> None:
    with anyio.fail_after(1):
        await report(engine)


# --8<-- [end:report]


async def outcome(driver: str, give_up: Callable[[AsyncEngine], Awaitable[None]]) -> tuple[str, str]:
    """What is raised, and whether the query goes on in the server."""
    name = f"{driver} {give_up.__name__}"
    url = HERE.set(drivername=f"postgresql+{driver}")
    engine = create_async_engine(url, pool_size=1, max_overflow=0, connect_args=named(driver, name))
    async with engine.connect():
        pass  # The second is for the query, not for connecting.
    try:
        await give_up(engine)
        raised = "nothing"
    except (asyncio.CancelledError, TimeoutError) as error:
        raised = type(error).__name__
    finally:
        await engine.dispose()
    await asyncio.sleep(2)  # So that a server that was told to stop has had the time.
    return raised, await state_of(name)


def named(driver: str, name: str) -> dict[str, object]:
    if driver == "asyncpg":
        return {"server_settings": {"application_name": name}}
    return {"application_name": name}


async def state_of(name: str) -> str:
    admin = create_async_engine(HERE)
    try:
        async with admin.connect() as connection:
            query = text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = :name AND datname = current_database()"
            )
            running = (await connection.execute(query, {"name": name})).all()
            return "still running" if running else "stopped"
    finally:
        await admin.dispose()


async def row(what: str, give_up: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    (raised, asyncpg), (same, psycopg) = await asyncio.gather(
        outcome("asyncpg", give_up), outcome("psycopg", give_up)
    )
    assert raised == same
    return f"{what} | {raised} | {asyncpg} | {psycopg}"


async def main() -> None:
    # --8<-- [start:table]
    rows = [
        row("task.cancel()", task_cancel),
        row("asyncio.timeout", asyncio_timeout),
        row("asyncio.wait_for", wait_for),
        row("anyio.fail_after", anyio_fail_after),
    ]
    print("how | raised | the query, on asyncpg | on psycopg")
    #> how | raised | the query, on asyncpg | on psycopg
    for line in await asyncio.gather(*rows):
        print(line)
        #> task.cancel() | CancelledError | stopped | stopped
        #> asyncio.timeout | TimeoutError | stopped | stopped
        #> asyncio.wait_for | TimeoutError | stopped | stopped
        #> anyio.fail_after | TimeoutError | still running | stopped
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
