# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has no LISTEN)
import asyncio
import os
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import psycopg
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
DSN = make_url(DATABASE_URL).set(drivername="postgresql").render_as_string(hide_password=False)
Heard = asyncio.Queue[str]


@asynccontextmanager
async def listener(engine: AsyncEngine) -> AsyncIterator[Heard]:
    """What a connection of its own hears on the channel."""
    heard: Heard = asyncio.Queue()
    if engine.dialect.driver == "asyncpg":
        connection = await asyncpg.connect(DSN)
        await connection.add_listener("orders", lambda *event: heard.put_nowait(event[-1]))
        yield heard
        await connection.close()
        return
    async with await psycopg.AsyncConnection.connect(DSN, autocommit=True) as own:
        await own.execute("LISTEN orders")

        async def read() -> None:
            async for notify in own.notifies():
                heard.put_nowait(notify.payload)

        reading = asyncio.create_task(read())
        yield heard
        reading.cancel()
        await asyncio.wait([reading])


async def notify(session: AsyncSession, payload: str) -> None:
    await session.execute(select(func.pg_notify("orders", payload)))


async def claim_at_commit(engine: AsyncEngine) -> None:
    """A notification is sent at the commit of its transaction. A rollback drops it."""
    async with listener(engine) as heard, AsyncSession(engine) as slow, AsyncSession(engine) as fast:
        await notify(fast, "rolled back")
        await fast.rollback()
        await notify(slow, "first")
        await notify(fast, "second")
        await fast.commit()
        await slow.commit()
        assert [await heard.get(), await heard.get()] == ["second", "first"]


async def claim_nobody_listens(engine: AsyncEngine) -> None:
    """A notification that was committed before the `LISTEN` is not delivered later."""
    async with AsyncSession(engine) as session:
        await notify(session, "early")
        await session.commit()
        async with listener(engine) as heard:
            await notify(session, "late")
            await session.commit()
            assert await heard.get() == "late"


async def claim_once(engine: AsyncEngine) -> None:
    """The same payload twice in one transaction arrives once."""
    async with listener(engine) as heard, AsyncSession(engine) as session:
        for payload in "7", "7", "8":
            await notify(session, payload)
        await session.commit()
        assert [await heard.get(), await heard.get()] == ["7", "8"]


async def claim_each(engine: AsyncEngine) -> None:
    """Each connection that listens on the channel gets the notification."""
    async with listener(engine) as first, listener(engine) as second, AsyncSession(engine) as session:
        await notify(session, "7")
        await session.commit()
        assert [await first.get(), await second.get()] == ["7", "7"]


async def claim_payload(engine: AsyncEngine) -> None:
    """A payload of 8000 bytes is refused with `payload string too long`, and one of 7999 arrives."""
    refused = ""
    async with listener(engine) as heard, AsyncSession(engine) as session:
        await notify(session, "x" * 7999)
        await session.commit()
        arrived = await heard.get()
        try:
            await notify(session, "x" * 8000)
        except DBAPIError as error:
            refused = str(error.orig)
    assert arrived == "x" * 7999
    assert "payload string too long" in refused


async def claim_ended(engine: AsyncEngine) -> None:
    """When the server ends the connection, asyncpg calls the functions of `add_termination_listener`, and psycopg's
    `notifies()` raises an `OperationalError`."""
    end = text("SELECT pg_terminate_backend(:pid, 10000)")
    found_out: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with AsyncSession(engine) as session:
        if engine.dialect.driver == "asyncpg":
            connection = await asyncpg.connect(DSN)
            connection.add_termination_listener(lambda _: found_out.set_result("it was called"))
            await session.execute(end, {"pid": connection.get_server_pid()})
        else:
            own = await psycopg.AsyncConnection.connect(DSN, autocommit=True)
            await session.execute(end, {"pid": own.info.backend_pid})
            try:
                _ = [notify async for notify in own.notifies()]
            except psycopg.OperationalError:
                found_out.set_result("it raised")
            await own.close()
    assert await asyncio.wait_for(found_out, 10) in ("it was called", "it raised")


async def claim_full_pool(engine: AsyncEngine) -> None:
    """A full pool raises a `TimeoutError` of SQLAlchemy, which is an `SQLAlchemyError`, but not a `DBAPIError`."""
    full = create_async_engine(engine.url, pool_size=1, max_overflow=0, pool_timeout=0.1)
    error = None
    async with full.connect():
        try:
            async with AsyncSession(full) as session:
                await session.scalar(select(1))
        except SQLAlchemyError as raised:
            error = raised
    await full.dispose()
    assert error is not None
    assert type(error).__name__ == "TimeoutError"
    assert not isinstance(error, DBAPIError)


async def claim_channels(engine: AsyncEngine) -> None:
    """With psycopg, a query on the connection waits while `notifies()` waits for a notification."""
    channels, answer = "SELECT pg_listening_channels()", None
    if engine.dialect.driver == "asyncpg":
        connection = await asyncpg.connect(DSN)
        await connection.add_listener("orders", lambda *event: None)
        answer = await connection.fetchval(channels)
        await connection.close()
    else:
        async with await psycopg.AsyncConnection.connect(DSN, autocommit=True) as own:
            await own.execute("LISTEN orders")
            reading = asyncio.create_task(anext(own.notifies()))
            await asyncio.sleep(0.1)
            asking = asyncio.create_task(own.execute(channels))
            await asyncio.wait([asking], timeout=0.5)
            answer = "it is answered" if asking.done() else None
            for task in asking, reading:
                task.cancel()
            await asyncio.wait([asking, reading])
    assert answer is None, f"a connection with a listener answers: {answer}"


async def claim_pooled(engine: AsyncEngine) -> None:
    """A `LISTEN` that a session sends and commits stays on, in the connection that goes back to the pool."""
    channels = text("SELECT pg_listening_channels()")
    async with AsyncSession(engine) as session:
        await session.execute(text("LISTEN orders"))
        await session.commit()
    async with AsyncSession(engine) as another:
        assert (await another.scalars(channels)).all() == ["orders"]


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
