# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the import fails, before any database is asked)
# raises: AssertionError
import subprocess

# --8<-- [start:app]
APPLICATION = """
import asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with async_sessionmaker(engine)() as session:
        print(await session.scalar(text("SELECT 'it works'")))
    await engine.dispose()

asyncio.run(main())
"""
# --8<-- [end:app]


# --8<-- [start:run]
def run_with(requirement: str) -> None:
    command = ["uv", "run", "--isolated", "--no-project", "--with", requirement]
    command += ["--with", "aiosqlite", "python", "-c", APPLICATION]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    print((finished.stdout or finished.stderr).strip().splitlines()[-1].partition(" (")[0])
    #> ImportError: cannot import name 'async_sessionmaker' from 'sqlalchemy.ext.asyncio'
    assert finished.returncode == 0, "the application did not start"


run_with("sqlalchemy[asyncio]==1.4.*")
# --8<-- [end:run]
