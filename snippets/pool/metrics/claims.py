# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, PoolProxiedConnection, StaticPool

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")

inside: list[str] = []


class MeasuredPool(AsyncAdaptedQueuePool):
    def connect(self) -> PoolProxiedConnection:
        inside.append("begins")
        try:
            return super().connect()
        finally:
            inside.append("ends")


async def claim_covers_opening_and_ping(engine: AsyncEngine) -> None:
    """`MeasuredPool.connect()` includes the opening of a connection and, with `pool_pre_ping=True`, the ping."""
    measured = create_async_engine(DATABASE_URL, poolclass=MeasuredPool, pool_pre_ping=True)
    sync, ping = measured.sync_engine, measured.sync_engine.dialect.do_ping

    def recorded_ping(dbapi_connection: Any) -> bool:
        inside.append("ping")
        return ping(dbapi_connection)

    sync.dialect.do_ping = recorded_ping  # type: ignore[method-assign]
    event.listen(sync, "connect", lambda *_: inside.append("opened"))
    inside.clear()
    for _ in range(2):
        async with measured.connect():
            pass
    assert inside == ["begins", "opened", "ends", "begins", "ping", "ends"]
    await measured.dispose()


async def claim_no_numbers(engine: AsyncEngine) -> None:
    """`NullPool` and `StaticPool` have no `size()`, `checkedout()` or `overflow()`."""
    for name in ("size", "checkedout", "overflow"):
        assert hasattr(engine.pool, name)
        assert not hasattr(NullPool, name)
        assert not hasattr(StaticPool, name)


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
