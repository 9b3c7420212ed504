# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import MetaData, Table, inspect, text
from sqlalchemy.exc import MissingGreenlet, NoInspectionAvailable, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.ext.automap import automap_base

warnings.filterwarnings("ignore", "coroutine .* was never awaited")

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def refusal(call: Callable[[], Any]) -> str:
    """What it says, without the address of the object."""
    try:
        call()
    except NoInspectionAvailable as error:
        return str(error)
    return "accepted"


async def claim_reflection_inspects(engine: AsyncEngine) -> None:
    """`MetaData.reflect(engine)`, `Table(…, autoload_with=engine)` and automap's `prepare(autoload_with=engine)` end in the same error."""
    wanted = "Inspection on an AsyncEngine is currently not supported"
    bind: Any = engine
    assert wanted in refusal(lambda: MetaData().reflect(bind))
    assert wanted in refusal(lambda: Table("invoices", MetaData(), autoload_with=bind))
    assert wanted in refusal(lambda: automap_base().prepare(autoload_with=bind))


async def claim_reflect_in_run_sync(engine: AsyncEngine) -> None:
    """`await connection.run_sync(metadata.reflect)` reads the tables of the default schema."""
    metadata = MetaData()
    async with engine.begin() as connection:
        await connection.execute(text("DROP TABLE IF EXISTS reflected"))
        await connection.execute(text("CREATE TABLE reflected (id INTEGER PRIMARY KEY)"))
        await connection.run_sync(metadata.reflect)
        await connection.execute(text("DROP TABLE reflected"))
    assert "reflected" in metadata.tables


async def claim_inspector_kept(engine: AsyncEngine) -> None:
    """Outside `run_sync()`, an inspector's `has_table()` fails with `greenlet_spawn has not been called`."""
    async with engine.connect() as connection:
        inspector = await connection.run_sync(inspect)
        error: Exception | None = None
        try:
            inspector.has_table("invoices")
        except (MissingGreenlet, StatementError) as raised:
            error = raised
        assert "greenlet_spawn has not been called" in str(error)


async def claim_dictionary_or_coroutine(engine: AsyncEngine) -> None:
    """A dictionary, or a coroutine that was not awaited, gives `No inspection system is available for object of type`."""
    coroutine = engine.dispose()
    wanted = "No inspection system is available for object of type"
    assert refusal(lambda: inspect({})).startswith(wanted)
    assert refusal(lambda: inspect(coroutine)).startswith(wanted)
    await coroutine


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
