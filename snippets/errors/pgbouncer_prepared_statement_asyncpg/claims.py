# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# needs: pgbouncer
# leaks: when the first query on a server fails, SQLAlchemy leaves that connection open
# drivers: asyncpg (psycopg's statements have other names: pgbouncer_prepared_statement_psycopg)
# also: asyncpg==0.31.*, asyncpg==0.30.*
import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg.connection
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = os.environ.get("DATABASE_URL") or sys.exit(
    "needs a PgBouncer in transaction mode: "
    "DATABASE_URL=postgresql+asyncpg://user:password@localhost:6432/test"
)
ONE: dict[str, Any] = {"statement_cache_size": 0}
NAMES: dict[str, Any] = {"prepared_statement_name_func": lambda: f"__asyncpg_{uuid4()}__"}
THREE = {**ONE, "prepared_statement_cache_size": 0, **NAMES}


async def trouble(connect_args: dict[str, Any], **options: Any) -> list[str]:
    """What eight clients, which share two server connections, get wrong."""
    wrong = []

    async def client(number: int) -> None:
        engine = create_async_engine(DATABASE_URL, connect_args=connect_args, **options)
        query = text(f"SELECT {number} * 1000 + :turn")
        for turn in range(40):
            try:
                async with engine.connect() as connection:
                    got = await connection.scalar(query, {"turn": turn})
                if got != number * 1000 + turn:
                    wrong.append(f"{got} is another client's answer")
            except DBAPIError as error:
                wrong.append(str(error).partition("\n")[0])
        await engine.dispose()

    await asyncio.gather(*(client(number) for number in range(8)))
    return wrong


async def left_behind(connect_args: dict[str, Any]) -> int:
    """How many prepared statements that load leaves in the two server connections."""
    engine = create_async_engine(DATABASE_URL, connect_args=ONE)
    async with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            await connection.execute(text("DEALLOCATE ALL"))
        await one.commit()
        await other.commit()
        await trouble(connect_args)
        count = text("SELECT count(*) FROM pg_prepared_statements")
        left = [await connection.scalar(count) for connection in (one, other)]
    await engine.dispose()
    return sum(left)


async def claim_one_setting_under_load(engine: AsyncEngine) -> None:
    """With `statement_cache_size=0`, eight clients that share two server connections all get their answers, under AUTOCOMMIT too."""
    wrong = await trouble(ONE) + await trouble(ONE, isolation_level="AUTOCOMMIT")
    assert not wrong, "`prepared statement … does not exist`, or `already exists`"


async def claim_three_settings_in_transactions(engine: AsyncEngine) -> None:
    """With the three settings, the same eight clients get their answers in transactions."""
    assert not await trouble(THREE)


async def claim_three_settings_under_autocommit(engine: AsyncEngine) -> None:
    """Under AUTOCOMMIT the three settings are not enough: some of these queries end in `does not exist`."""
    assert "does not exist" in str(await trouble(THREE, isolation_level="AUTOCOMMIT"))


async def claim_left_behind(engine: AsyncEngine) -> None:
    """The three settings leave prepared statements behind in the server connections; `statement_cache_size=0` alone leaves none."""
    assert await left_behind(THREE) > 0
    assert await left_behind(ONE) == 0, "it leaves some, too"


async def claim_names_and_null_pool(engine: AsyncEngine) -> None:
    """Unique names with `NullPool`, and without `statement_cache_size=0`, still collide when two processes read an enum: `already exists`."""
    setup = create_async_engine(DATABASE_URL, connect_args=THREE)
    async with setup.begin() as connection:
        await connection.execute(text("DEALLOCATE ALL"))
        await connection.execute(text("DROP TYPE IF EXISTS mood"))
        await connection.execute(text("CREATE TYPE mood AS ENUM ('ok')"))
    await setup.dispose()
    error = None
    try:
        for _ in range(2):
            asyncpg.connection._uid = 0  # Every process counts its statements from 1.
            process = create_async_engine(DATABASE_URL, connect_args=NAMES, poolclass=NullPool)
            async with process.connect() as connection:
                await connection.execute(text("SELECT CAST('ok' AS mood)"))
    except DBAPIError as raised:
        error = raised
    assert "already exists" in str(error)


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
