# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (no other database is made by connecting to it)
import asyncio
import tempfile
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # --8<-- [start:passes]
        misspelt = Path(folder) / "grenlit.db"
        engine = create_async_engine(f"sqlite+aiosqlite:///{misspelt}")
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT 1")))
            #> 1
            print(await connection.scalar(text("SELECT count(*) FROM sqlite_master")), "tables")
            #> 0 tables
        print(misspelt.exists())
        #> True
        # --8<-- [end:passes]
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
