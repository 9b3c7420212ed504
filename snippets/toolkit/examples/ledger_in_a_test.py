# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import asyncio
import os

from ledger import Ledger
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


# --8<-- [start:test]
async def greetings(session: AsyncSession, languages: list[str]) -> list[str]:
    return [str(await session.scalar(text(f"SELECT 'hello in {name}'"))) for name in languages]


async def test_greetings_ask_once(engine: AsyncEngine) -> None:
    with Ledger() as ledger:
        async with AsyncSession(engine) as session:
            await greetings(session, ["English", "French"])
    assert not ledger.held and not ledger.lost, str(ledger)
    assert len(ledger.sql) == 1, str(ledger)


# --8<-- [end:test]


async def main() -> None:
    engine = create_async_engine(DATABASE_URL)
    # --8<-- [start:fails]
    try:
        await test_greetings_ask_once(engine)
    except AssertionError as error:
        print([line.strip() for line in str(error).splitlines() if "sql:" in line])
        #> ["sql: SELECT 'hello in English'", "sql: SELECT 'hello in French'"]
    # --8<-- [end:fails]
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
