# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a path in the URL is SQLite's)
# raises: sqlalchemy.exc.OperationalError
import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:engine]
def make_engine(project: Path) -> AsyncEngine:
    return create_async_engine("sqlite+aiosqlite:///shop.db")


# --8<-- [end:engine]


# --8<-- [start:ask]
async def opened(engine: AsyncEngine) -> Path:
    async with engine.connect() as connection:
        row = (await connection.execute(text("PRAGMA database_list"))).one()
        return Path(row.file)


# --8<-- [end:ask]


# --8<-- [start:run]
async def migrate(project: Path) -> None:
    os.chdir(project)
    engine = make_engine(project)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE orders (id INTEGER PRIMARY KEY)"))
    await engine.dispose()


async def serve(project: Path) -> None:
    os.chdir(project / "app")
    engine = make_engine(project)
    print((await opened(engine)).relative_to(project))
    #> app/shop.db
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT id FROM orders"))
    finally:
        await engine.dispose()


# --8<-- [end:run]


async def first_one_then_the_other(project: Path) -> None:
    await migrate(project)
    await serve(project)


def main() -> None:
    home = Path.cwd()
    with TemporaryDirectory() as folder:
        project = Path(folder).resolve()
        (project / "app").mkdir()
        try:
            asyncio.run(first_one_then_the_other(project))
        finally:
            os.chdir(home)


if __name__ == "__main__":
    main()
