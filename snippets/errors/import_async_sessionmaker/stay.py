# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (what differs is what can be imported)
import subprocess

# --8<-- [start:app]
APPLICATION = """
import asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import sessionmaker

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    session_factory = sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
    async with session_factory() as session:
        print(await session.scalar(text("SELECT 'it works'")))
    await engine.dispose()

asyncio.run(main())
"""
# --8<-- [end:app]


# --8<-- [start:run]
for line in "1.4", "2.0", "2.1":
    command = ["uv", "run", "--isolated", "--no-project", "--with", f"sqlalchemy[asyncio]=={line}.*"]
    command += ["--with", "aiosqlite", "python", "-c", APPLICATION]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    print(line, finished.stdout.strip())
    #> 1.4 it works
    #> 2.0 it works
    #> 2.1 it works
# --8<-- [end:run]
