# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg"]
# ///
# drivers: asyncpg (the two others close a connection in any loop)
# silent: the error is in the log only, and the program goes on
import os
import re
import subprocess
import sys

if "DATABASE_URL" not in os.environ:
    sys.exit("needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test")

# --8<-- [start:script]
SCRIPT = """
import asyncio
import os
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"])

async def main():
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))

asyncio.run(main())
asyncio.run(engine.dispose())
print("done")
"""
# --8<-- [end:script]


# --8<-- [start:run]
def main() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]:
        if re.match("done|Exception|RuntimeError: Event", line):
            print(line.partition(" <")[0])
            #> done
            #> Exception closing connection
            #> RuntimeError: Event loop is closed
            #> RuntimeError: Event loop is closed


# --8<-- [end:run]


if __name__ == "__main__":
    main()
