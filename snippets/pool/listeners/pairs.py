# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
# leaks: some connections leave the pool here, and SQLAlchemy does not close them on every driver
import asyncio
import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

warnings.simplefilter("ignore")  # SQLAlchemy warns of what the garbage collector finds.
happened: list[str] = []
rows: list[str] = []
on_the_loose: list[Any] = []


# --8<-- [start:listening]
def make_engine(*names: str, **settings: Any) -> AsyncEngine:
    engine = create_async_engine(DATABASE_URL, **settings)
    for name in names:

        def listener(*args: Any, name: str = name) -> None:
            happened.append(name if args[0] else f"{name}({args[0]})")

        event.listen(engine.sync_engine, name, listener)
    return engine


# --8<-- [end:listening]


def note(situation: str) -> None:
    rows.append(f"{situation} | {', '.join(happened) or 'none'}")
    happened.clear()


# --8<-- [start:raising]
class Mistake(Exception):
    pass


@contextmanager
def raising(engine: AsyncEngine, name: str, error: type[Exception], **how: Any) -> Iterator[None]:
    """One more listener, which raises, until the block ends."""

    def listener(*_: Any) -> None:
        raise error

    event.listen(engine.sync_engine, name, listener, **how)
    with suppress(error):
        yield
    event.remove(engine.sync_engine, name, listener)


# --8<-- [end:raising]


async def use(engine: AsyncEngine) -> None:
    async with engine.connect():
        pass


async def connecting(engine: AsyncEngine) -> None:
    # --8<-- [start:connecting]
    with raising(engine, "do_connect", ConnectionRefusedError):
        await use(engine)
    note("The first connect is refused")
    with raising(engine, "connect", Mistake):
        await use(engine)
    note("A `connect` listener raises")
    async with engine.connect() as connection:
        await connection.invalidate()
    note("`invalidate()`")
    with raising(engine, "do_connect", ConnectionRefusedError):
        await use(engine)
    note("A reconnect is refused")
    # --8<-- [end:connecting]


async def taking(engine: AsyncEngine) -> None:
    await use(engine)
    happened.clear()
    # --8<-- [start:taking]
    with raising(engine, "checkout", Mistake, insert=True):
        await use(engine)
    note("An earlier `checkout` listener raises")
    await use(engine)
    happened.clear()
    with raising(engine, "checkout", DisconnectionError, once=True):
        await use(engine)
    note("`DisconnectionError` in `checkout`, once")
    # --8<-- [end:taking]


async def giving_back(engine: AsyncEngine) -> None:
    # --8<-- [start:giving-back]
    async with engine.connect() as connection:
        taken = await connection.get_raw_connection()
        on_the_loose.append(taken.driver_connection)
        taken.detach()
    note("`detach()`")
    connection = await engine.connect()
    on_the_loose.append((await connection.get_raw_connection()).driver_connection)
    del connection
    gc.collect()
    note("It is not closed, and garbage collected")
    with raising(engine, "checkin", Mistake, insert=True):
        async with engine.connect() as connection:
            taken = await connection.get_raw_connection()
            on_the_loose.append(taken.driver_connection)
    note("An earlier `checkin` listener raises")
    # --8<-- [end:giving-back]


async def shared(engine: AsyncEngine) -> None:
    # --8<-- [start:shared]
    async with engine.connect(), engine.connect():
        pass
    note("`StaticPool`, two at once")
    # --8<-- [end:shared]


async def executing(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with suppress(DBAPIError):
            await connection.execute(text("SELECT * FROM nowhere"))
    note("A statement fails")


async def main() -> None:
    pool = ["connect", "checkout", "checkin", "close", "detach"]
    for situations in (connecting, taking, giving_back):
        engine = make_engine(*pool)
        await situations(engine)
        await engine.dispose()
        happened.clear()
    engine = make_engine(*pool, poolclass=StaticPool)
    await shared(engine)
    await engine.dispose()
    happened.clear()
    engine = make_engine("before_cursor_execute", "after_cursor_execute", "handle_error")
    await executing(engine)
    await engine.dispose()
    for lost in on_the_loose:
        await lost.close()
    # --8<-- [start:table]
    print("What happens | events, in this order")
    #> What happens | events, in this order
    for row in rows:
        print(row)
        #> The first connect is refused | none
        #> A `connect` listener raises | connect
        #> `invalidate()` | connect, checkout, close, checkin(None)
        #> A reconnect is refused | checkin(None)
        #> An earlier `checkout` listener raises | close, checkin(None)
        #> `DisconnectionError` in `checkout`, once | checkout, close, connect, checkout, checkin
        #> `detach()` | connect, checkout, detach
        #> It is not closed, and garbage collected | connect, checkout, detach
        #> An earlier `checkin` listener raises | connect, checkout
        #> `StaticPool`, two at once | connect, checkout, checkout, checkin
        #> A statement fails | before_cursor_execute, handle_error
    # --8<-- [end:table]


if __name__ == "__main__":
    asyncio.run(main())
