# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the import fails, before any database is asked)
import subprocess
import tempfile
from pathlib import Path

# --8<-- [start:app]
APPLICATION = r"""
# /// script
# dependencies = ["sqlalchemy==2.0.*", "aiosqlite"]
# [tool.uv]
# override-dependencies = ["greenlet; platform_machine == 'none of ours'"]
# ///
import asyncio
import re
from importlib.metadata import requires
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

for line in requires("sqlalchemy"):
    if line.startswith("greenlet") and "extra" not in line:
        print(re.findall(r'platform_machine == "(\w+)"', line))

async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 'it works'")))

asyncio.run(main())
"""
# --8<-- [end:app]


# --8<-- [start:run]
with tempfile.TemporaryDirectory() as folder:
    script = Path(folder, "app.py")
    script.write_text(APPLICATION)
    finished = subprocess.run(
        ["uv", "run", "--no-project", str(script)], capture_output=True, text=True, check=False
    )
    print(finished.stdout.strip())
    #> ['aarch64', 'ppc64le', 'x86_64', 'amd64', 'AMD64', 'win32', 'WIN32']
    print(finished.stderr.strip().splitlines()[-1])
    #> ValueError: the greenlet library is required to use this function. No module named 'greenlet'
# --8<-- [end:run]
