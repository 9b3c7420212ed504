# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import logging
import os
import re
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, event, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")
NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT {} FROM n"
SLOW = text("SELECT pg_sleep(0.4)" if "postgresql" in DATABASE_URL else NUMBERS.format(1_000_000, "max(i)"))


class Base(DeclarativeBase):
    pass


class Tag(Base):
    __tablename__ = "slow_query_tags"

    id: Mapped[int] = mapped_column(primary_key=True)


class Watched:
    """What the two listeners saw: for each statement its time, its values, and whether it had several sets of values."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.seconds: list[float] = []
        self.values: list[Any] = []
        self.many: list[bool] = []
        event.listen(engine.sync_engine, "before_cursor_execute", self.before)
        event.listen(engine.sync_engine, "after_cursor_execute", self.after)

    def before(
        self, connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        context.started_at = time.perf_counter()

    def after(
        self, connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        self.seconds.append(time.perf_counter() - context.started_at)
        self.values.append(values)
        self.many.append(many)


class Messages(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


async def claim_executemany(engine: AsyncEngine) -> None:
    """An `insert()` of 1,000 rows without `RETURNING` is one entry."""
    watched = Watched(engine)
    async with engine.begin() as connection:
        await connection.execute(insert(Tag), [{"id": number} for number in range(1000)])
    assert watched.many == [True]


async def claim_stream(engine: AsyncEngine) -> None:
    """Of a slow query that is read with `connection.stream()`, less than half of the time is measured."""
    watched = Watched(engine)
    async with engine.connect() as connection:
        start = time.perf_counter()
        rows = [row async for row in await connection.stream(SLOW)]
        total = time.perf_counter() - start
        assert len(rows) == 1
        assert watched.seconds[0] < total / 2, "the driver runs the query to its end first"


async def claim_fetching(engine: AsyncEngine) -> None:
    """While 2,000 rows of a result are fetched, no listener is called."""
    watched = Watched(engine)
    async with engine.connect() as connection:
        result = await connection.stream(text(NUMBERS.format(2000, "i")))
        assert len(watched.seconds) == 1
        rows = [row async for row in result]
        assert len(rows) == 2000
        assert len(watched.seconds) == 1


async def claim_pool(engine: AsyncEngine) -> None:
    """The wait for a connection of the pool is not in the time: a query that waited 0.3 seconds for its turn is measured without them."""
    own = create_async_engine(DATABASE_URL, pool_size=1, max_overflow=0)
    watched = Watched(own)

    begun = asyncio.Event()

    async def ask() -> float:
        start = time.perf_counter()
        begun.set()
        async with own.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return time.perf_counter() - start

    try:
        async with own.connect():
            waiting = asyncio.create_task(ask())
            await begun.wait()
            await asyncio.sleep(0.3)
        total = await waiting
        assert watched.seconds[0] <= total - 0.25
    finally:
        await own.dispose()


async def claim_blocked_loop(engine: AsyncEngine) -> None:
    """If other code blocks the event loop for 0.3 seconds while `SELECT 1` runs, `SELECT 1` is measured with these 0.3 seconds."""

    def block(*arguments: Any) -> None:
        asyncio.get_running_loop().call_soon(time.sleep, 0.3)

    watched = Watched(engine)
    event.listen(engine.sync_engine, "before_cursor_execute", block)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        assert watched.seconds[0] >= 0.3


async def claim_variable(engine: AsyncEngine) -> None:
    """With `SQLALCHEMY_ECHO=1` in the environment, an engine logs nothing: the variable does not exist."""
    logger, messages = logging.getLogger("sqlalchemy.engine.Engine"), Messages()
    logger.addHandler(messages)
    os.environ["SQLALCHEMY_ECHO"] = "1"
    try:
        for echo, logged in (None, False), (True, True):
            own = create_async_engine(DATABASE_URL, echo=echo)
            async with own.connect() as connection:
                await connection.execute(text("SELECT 1"))
            await own.dispose()
            assert ("SELECT 1" in messages.messages) == logged
    finally:
        del os.environ["SQLALCHEMY_ECHO"]
        logger.removeHandler(messages)


async def claim_generated_in(engine: AsyncEngine) -> None:
    """The time in SQLAlchemy's own line `[generated in …]` is not that of the query: for a slow query it was less than half of it."""
    logger, messages = logging.getLogger("sqlalchemy.engine.Engine"), Messages()
    logger.addHandler(messages)
    own = create_async_engine(DATABASE_URL, echo=True)
    try:
        async with own.connect() as connection:
            start = time.perf_counter()
            await connection.execute(SLOW)
            total = time.perf_counter() - start
        [said] = re.findall(r"generated in ([\d.]+)s", "\n".join(messages.messages[-3:]))
        assert float(said) < total / 2
    finally:
        logger.removeHandler(messages)
        await own.dispose()


async def claim_values(engine: AsyncEngine) -> None:
    """With `hide_parameters=True`, the listeners still get the values: a listener that logs them undoes it."""
    own = create_async_engine(DATABASE_URL, hide_parameters=True)
    watched = Watched(own)
    try:
        async with own.connect() as connection:
            await connection.execute(text("SELECT CAST(:name AS VARCHAR)"), {"name": "Ada"})
        assert "Ada" in str(watched.values)
    finally:
        await own.dispose()


async def claim_explain_in_a_listener(engine: AsyncEngine) -> None:
    """A listener that sends `EXPLAIN` with each statement fails at a `SET LOCAL`, and the next statement of the transaction is refused."""

    def explain(
        connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
    ) -> None:
        if not statement.startswith("EXPLAIN"):
            connection.exec_driver_sql("EXPLAIN " + statement, values)

    async with engine.connect() as connection:
        event.listen(engine.sync_engine, "after_cursor_execute", explain)
        await connection.execute(text("SELECT 1"))
        codes = []
        for statement in "SET LOCAL work_mem = '8MB'", "SELECT 1":
            try:
                await connection.execute(text(statement))
            except DBAPIError as error:
                codes.append(getattr(error.orig, "sqlstate", type(error.orig).__name__))
        assert codes == ["42601", "25P02"], "SQLite has no SET LOCAL"


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
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
    engine = create_async_engine(DATABASE_URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)  # Out of the way of a file that has some of these tables.
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
