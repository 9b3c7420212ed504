# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (what differs is what can be imported)
import subprocess

# --8<-- [start:messages]
IMPORTS = """
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import async_sessionmaker
"""
TRY = """
import sys
for line in sys.argv[1].strip().splitlines():
    try:
        exec(line)
    except ImportError as error:
        print(str(error).partition(" (")[0])
"""
command = ["uv", "run", "--isolated", "--no-project", "--with", "sqlalchemy[asyncio]==1.4.*"]
command += ["python", "-c", TRY, IMPORTS]
finished = subprocess.run(command, capture_output=True, text=True, check=True)
for message in finished.stdout.splitlines():
    print(message)
    #> cannot import name 'AsyncAttrs' from 'sqlalchemy.ext.asyncio'
    #> cannot import name 'DeclarativeBase' from 'sqlalchemy.orm'
    #> cannot import name 'mapped_column' from 'sqlalchemy.orm'
    #> cannot import name 'async_sessionmaker' from 'sqlalchemy.orm'
# --8<-- [end:messages]
