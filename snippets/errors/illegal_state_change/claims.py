# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]", "fastapi", "httpx"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException
from sqlalchemy import event, text
from sqlalchemy.exc import IllegalStateChangeError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.pool import QueuePool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


async def read(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))


async def fail(session: AsyncSession) -> None:
    raise ValueError("no map")


def checked_out(engine: AsyncEngine) -> int:
    assert isinstance(engine.pool, QueuePool)
    return engine.pool.checkedout()


async def claim_first_error_is_the_context(engine: AsyncEngine) -> None:
    """In such a `gather()`, the member's error is the `__context__` of the IllegalStateChangeError, so a traceback prints it above."""
    error = None
    tasks = []
    try:
        async with AsyncSession(engine) as session:
            tasks = [asyncio.ensure_future(work(session)) for work in (read, fail)]
            await asyncio.gather(*tasks)
    except IllegalStateChangeError as raised:
        error = raised
    await asyncio.gather(*tasks, return_exceptions=True)
    await session.close()
    assert error is not None and isinstance(error.__context__, ValueError)


async def claim_return_exceptions(engine: AsyncEngine) -> None:
    """`gather(…, return_exceptions=True)` waits for all members, so the session closes without an error."""
    async with AsyncSession(engine) as session:
        ends = await asyncio.gather(read(session), fail(session), return_exceptions=True)
    assert [type(end) for end in ends] == [type(None), ValueError]
    assert checked_out(engine) == 0


async def no_map() -> None:
    raise HTTPException(404)


async def claim_http_exception(engine: AsyncEngine) -> None:
    """An `HTTPException` from a member of a `TaskGroup` is a 500: it comes in an `ExceptionGroup`. With `return_exceptions=True` you can raise it yourself, and the client gets its status."""
    app = FastAPI()

    @app.get("/group")
    async def group() -> None:
        async with AsyncSession(engine) as session, asyncio.TaskGroup() as members:
            members.create_task(read(session))
            members.create_task(no_map())

    @app.get("/gather")
    async def gather() -> None:
        async with AsyncSession(engine) as session:
            ends = await asyncio.gather(read(session), no_map(), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        assert (await client.get("/group")).status_code == 500
        assert (await client.get("/gather")).status_code == 404


class OneTaskSession(Session):
    pass


@event.listens_for(OneTaskSession, "do_orm_execute")
def queries(state: ORMExecuteState) -> None:
    refuse_a_second_task(state.session)


@event.listens_for(OneTaskSession, "before_flush")
def flushes(session: Session, *_: Any) -> None:
    refuse_a_second_task(session)


def refuse_a_second_task(session: Session) -> None:
    task = asyncio.current_task()
    if session.info.setdefault("task", task) is not task:
        raise RuntimeError("this session is used by two tasks")


async def claim_listeners_miss_it(engine: AsyncEngine) -> None:
    """Listeners that refuse a second task do not find this mistake: only one task sends statements, and the other one closes the session."""
    session = AsyncSession(engine, sync_session_class=OneTaskSession)
    error = None
    tasks = []
    try:
        async with session:
            tasks = [asyncio.ensure_future(work(session)) for work in (read, fail)]
            await asyncio.gather(*tasks)
    except IllegalStateChangeError as raised:
        error = raised
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    await session.close()
    assert error is not None
    assert [type(end) for end in ends] == [type(None), ValueError]


async def claim_listeners_refuse_the_fix(engine: AsyncEngine) -> None:
    """Listeners that refuse a second task also refuse this `TaskGroup` if the request's own task has used the session before, for example for the current user."""
    errors: tuple[Exception, ...] = ()
    try:
        async with AsyncSession(engine, sync_session_class=OneTaskSession) as session:
            await read(session)
            async with asyncio.TaskGroup() as members:
                members.create_task(read(session))
    except* RuntimeError as raised:
        errors = raised.exceptions
    assert [str(error) for error in errors] == ["this session is used by two tasks"]


async def claim_task_of_the_request(engine: AsyncEngine) -> None:
    """`create_task()` with the session raises it too, if the session is closed while the task is getting its connection."""
    error = None
    try:
        async with AsyncSession(engine) as session:
            task = asyncio.create_task(read(session))
            await asyncio.sleep(0)
    except IllegalStateChangeError as raised:
        error = raised
    await asyncio.gather(task, return_exceptions=True)
    await session.close()
    assert "Method 'close()' can't be called here" in str(error)


async def claim_task_with_a_connection(engine: AsyncEngine) -> None:
    """If the task has its connection already, closing the session waits for the running statement and raises nothing."""
    error = None
    try:
        async with AsyncSession(engine) as session:
            connection = await session.connection()
            await session.execute(text("SELECT 1"))
            task = asyncio.create_task(read(session))
            await asyncio.sleep(0)
    except InterfaceError as raised:
        error = raised
    [end] = await asyncio.gather(task, return_exceptions=True)
    await session.close()
    await connection.close()
    assert error is None, "another operation is in progress" if "another operation" in str(error) else str(error)
    assert end is None


async def claim_listener(engine: AsyncEngine) -> None:
    """`close()` in an `after_begin` listener raises IllegalStateChangeError without a second task."""
    session = AsyncSession(engine)
    event.listen(session.sync_session, "after_begin", lambda begun, *_: begun.close())
    error = None
    try:
        await read(session)
    except IllegalStateChangeError as raised:
        error = raised
    await session.close()
    assert "Method 'close()' can't be called here" in str(error)


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
