# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "asyncpg", "psycopg[binary]"]
# ///
# drivers: asyncpg, psycopg (SQLite has a page of its own for its transactions)
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test"
)
MESSAGE = "cannot use Connection.transaction() in a manually started transaction"


async def begin(engine: AsyncEngine) -> None:
    """A BEGIN of your own, and no end of it."""
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("BEGIN"))


async def outcome(engine: AsyncEngine) -> str:
    """What the next request gets."""
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except InterfaceError as error:
        return str(error.orig)
    return "answered"


async def in_transaction(engine: AsyncEngine) -> int:
    """How many other sessions of this database are idle in a transaction."""
    other = create_async_engine(DATABASE_URL)
    async with other.connect() as connection:
        number = await connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
                " AND datname = current_database() AND pid != pg_backend_pid()"
            )
        )
    await other.dispose()
    return int(number)


async def claim_stays(engine: AsyncEngine) -> None:
    """The connection stays in the pool: the next three requests that get it fail as well."""
    await begin(engine)
    outcomes = [await outcome(engine) for _ in range(3)]
    assert all(MESSAGE in text for text in outcomes), "the next one is answered"


async def claim_open(engine: AsyncEngine) -> None:
    """The transaction stays open on the server, `idle in transaction`, after the connection has been returned."""
    await begin(engine)
    assert await in_transaction(engine) == 1, "none is open"


async def claim_pre_ping(engine: AsyncEngine) -> None:
    """With `pool_pre_ping=True`, the ping raises it in the next request, and the request after that is answered on another connection."""
    pinging = create_async_engine(DATABASE_URL, pool_pre_ping=True)
    await begin(pinging)
    after, later = await outcome(pinging), await outcome(pinging)
    await pinging.dispose()
    assert MESSAGE in after, "the next one is answered"
    assert later == "answered"


async def claim_autocommit(engine: AsyncEngine) -> None:
    """A request with `AUTOCOMMIT` that gets this connection raises nothing: what it writes is in the old transaction, and lost
    with it."""
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS notes"))
        await connection.execute(text("CREATE TABLE notes (id integer)"))
    await begin(engine)
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("INSERT INTO notes VALUES (1)"))
    await engine.dispose()
    async with engine.connect() as connection:
        stored = await connection.scalar(text("SELECT count(*) FROM notes"))
    assert stored == 0, "it is stored"


async def claim_dispose(engine: AsyncEngine) -> None:
    """After `await engine.dispose()`, a new connection answers."""
    await begin(engine)
    before = await outcome(engine)
    await engine.dispose()
    assert MESSAGE in before, "the old one answers, too"
    assert await outcome(engine) == "answered"


async def claim_driver_connection(engine: AsyncEngine) -> None:
    """A `BEGIN` on the driver's own connection, before SQLAlchemy's first statement, raises it in the same block."""
    error = ""
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        await raw.driver_connection.execute("BEGIN")
        try:
            await connection.execute(text("SELECT 1"))
        except InterfaceError as raised:
            error = str(raised.orig)
        await raw.driver_connection.execute("ROLLBACK")
    assert MESSAGE in error, "the statement is executed"


async def claim_without_autocommit(engine: AsyncEngine) -> None:
    """Without `AUTOCOMMIT`, a `BEGIN` that you send is inside SQLAlchemy's transaction, and the next request is answered."""
    async with engine.connect() as connection:
        await connection.execute(text("BEGIN"))
    assert await outcome(engine) == "answered"
    assert await in_transaction(engine) == 0


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
