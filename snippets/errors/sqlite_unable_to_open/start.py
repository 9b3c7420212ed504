# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (a path in the URL is SQLite's)
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:engine]
def make_engine(file: Path) -> AsyncEngine:
    file.parent.mkdir(parents=True, exist_ok=True)
    return create_async_engine(f"sqlite+aiosqlite:///{file}")


# --8<-- [end:engine]


# --8<-- [start:start]
async def start(file: Path) -> None:
    engine = make_engine(file)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        print("the database is open")
        #> the database is open
    finally:
        await engine.dispose()


# --8<-- [end:start]


def main() -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(start(Path(folder) / "data" / "shop.db"))


if __name__ == "__main__":
    main()
