# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]", "fastapi>=0.118"]
# ///
# drivers: asyncpg, psycopg (it reads pg_stat_activity)
# unrecorded: two requests at once
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import NullPool, QueuePool
from starlette.responses import StreamingResponse
from starlette.types import Message

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)

engine = create_async_engine(DATABASE_URL, pool_size=2, max_overflow=0, pool_timeout=0.1)
session_factory = async_sessionmaker(engine)
app = FastAPI()
pool = cast(QueuePool, engine.pool)
kept: list[AsyncSession] = []
CAUSES = ("never closed", "cancelled", "two sessions", "slow await", "slow client", "waits for a lock", "too small")
both_are_in, service_answers, client_reads = asyncio.Event(), asyncio.Event(), asyncio.Event()


async def get_session() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session


# --8<-- [start:endpoints]
@app.get("/never_closed")
async def never_closed() -> None:
    session = session_factory()
    kept.append(session)  # A registry, a cache, a list: something still knows it.
    await session.execute(text("SELECT 'kept'"))


@app.get("/cancelled")
async def cancelled() -> None:
    session = session_factory()
    kept.append(session)
    try:
        await session.execute(text("SELECT 'cancelled'"))
        await service_answers.wait()  # It is cancelled here.
    except Exception:
        await session.close()
        raise


@app.get("/two_sessions")
async def two_sessions(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    await session.execute(text("SELECT 'first'"))
    await both_are_in.wait()
    async with session_factory() as second:
        await second.execute(text("SELECT 'second'"))


@app.get("/slow_await")
async def slow_await(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    await session.execute(text("SELECT 'before call'"))
    await service_answers.wait()


@app.get("/slow_client")
async def slow_client(session: Annotated[AsyncSession, Depends(get_session)]) -> StreamingResponse:
    lines = (await session.scalars(text("SELECT 'a line'"))).all()
    return StreamingResponse(iter(lines))


@app.get("/too_small")
async def too_small(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    await session.execute(text("SELECT pg_sleep(2)"))


@app.get("/waits_for_a_lock")
async def waits_for_a_lock(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    await session.execute(text("SELECT pg_advisory_xact_lock(7)"))  # As an UPDATE of a locked row.


# --8<-- [end:endpoints]


@app.get("/bystander")
async def bystander(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
    await session.execute(text("SELECT 'bystander'"))


async def ask(path: str, sent: list[Message]) -> None:
    """What uvicorn and its client do. This client reads no further than the first chunk of a stream."""
    asgi = {"version": "3.0", "spec_version": "2.4"}
    scope = {"type": "http", "asgi": asgi, "method": "GET", "path": path, "headers": [],
             "query_string": b"", "http_version": "1.1"}

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("more_body"):
            await client_reads.wait()

    await app(scope, receive, send)


# --8<-- [start:activity]
ACTIVITY = """
    SELECT state, wait_event_type, wait_event, query
    FROM pg_stat_activity
    WHERE datname = current_database()
      AND pid <> pg_backend_pid()
      AND state <> 'idle'
"""
# --8<-- [end:activity]


async def activity(admin: AsyncConnection) -> tuple[str, str, str]:
    """The row of both connections, once they are where they stay."""
    while True:
        rows = [tuple(row) for row in await admin.execute(text(ACTIVITY))]
        await admin.rollback()
        if len(rows) == 2 and rows[0] == rows[1]:
            state, waits_for, wait_event, query = rows[0]
            settled = (("idle in transaction", "ClientRead"), ("active", "PgSleep"), ("active", "advisory"))
            if (state, wait_event) in settled and query.startswith("SELECT"):
                return state, waits_for, query
        await asyncio.sleep(0.01)


async def look(cause: str, admin: AsyncConnection, other_code: AsyncConnection) -> str:
    for gate in (both_are_in, service_answers, client_reads):
        gate.clear()
    path = "/" + cause.replace(" ", "_")
    sent: list[Message] = []
    await other_code.execute(text("SELECT pg_advisory_lock(7)"))
    holders = [asyncio.create_task(ask(path, sent)) for _ in range(2)]
    state, waits_for, query = await activity(admin)
    await asyncio.wait(holders, timeout=0.3)
    if cause == "cancelled":
        for holder in holders:
            holder.cancel()  # As a timeout around it does, or a server that shuts down.
        await asyncio.wait(holders)
    if all(holder.done() for holder in holders):
        request = "cancelled" if holders[0].cancelled() else "over"
    else:
        request = "sending" if sent else "running"
    out = f"{pool.checkedout()} of {pool.size()}"

    both_are_in.set()
    other = (await asyncio.gather(ask("/bystander", []), return_exceptions=True))[0]
    service_answers.set()
    client_reads.set()
    await other_code.execute(text("SELECT pg_advisory_unlock(7)"))
    ends = await asyncio.gather(*holders, return_exceptions=True)
    fails = "others" if isinstance(other, TimeoutError) else "nobody"
    if any(isinstance(end, TimeoutError) for end in ends):
        fails = "itself"
    later = str(pool.checkedout())
    while kept:
        await kept.pop().close()
    return " | ".join([cause, out, state, waits_for, query, request, fails, later])


async def table(admin: AsyncConnection, other_code: AsyncConnection) -> None:
    # --8<-- [start:table]
    print("cause | out | state | waits for | query | its request | who fails | out later")
    #> cause | out | state | waits for | query | its request | who fails | out later
    for cause in CAUSES:
        print(await look(cause, admin, other_code))
        #> never closed | 2 of 2 | idle in transaction | Client | SELECT 'kept' | over | others | 2
        #> cancelled | 2 of 2 | idle in transaction | Client | SELECT 'cancelled' | cancelled | others | 2
        #> two sessions | 2 of 2 | idle in transaction | Client | SELECT 'first' | running | itself | 0
        #> slow await | 2 of 2 | idle in transaction | Client | SELECT 'before call' | running | others | 0
        #> slow client | 2 of 2 | idle in transaction | Client | SELECT 'a line' | sending | others | 0
        #> waits for a lock | 2 of 2 | active | Lock | SELECT pg_advisory_xact_lock(7) | running | others | 0
        #> too small | 2 of 2 | active | Timeout | SELECT pg_sleep(2) | running | others | 0
    # --8<-- [end:table]


async def main() -> None:
    server = create_async_engine(DATABASE_URL, poolclass=NullPool)
    try:
        async with server.connect() as admin, server.connect() as other:
            await table(admin, await other.execution_options(isolation_level="AUTOCOMMIT"))
    finally:
        await engine.dispose()
        await server.dispose()


if __name__ == "__main__":
    asyncio.run(main())
