# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# raises: sqlalchemy.exc.OperationalError
# drivers: aiosqlite (PostgreSQL's files are its own)
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:reset]
async def reset(engine: AsyncEngine, file: Path) -> None:
    file.unlink(missing_ok=True)  # noqa: ASYNC240
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS orders (id INTEGER)"))


# --8<-- [end:reset]


# --8<-- [start:twice]
async def two_tests(engine: AsyncEngine, file: Path) -> None:
    for number in (1, 2):
        await reset(engine, file)
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO orders VALUES (1)"))
        print("test", number, "passed")
        #> test 1 passed


# --8<-- [end:twice]


async def main() -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "test.db"
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        try:
            await two_tests(engine, file)
        finally:
            await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
