# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the others have no thread for a connection)
import subprocess
import tempfile

JOB = """
import asyncio, faulthandler
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")


async def job():
    async with engine.begin() as connection:
        await connection.execute(text("SELECT 1"))


asyncio.run(job())
faulthandler.dump_traceback_later(3, exit=True)
"""


def ends(sqlalchemy: str, aiosqlite: str) -> bool:
    command = ["uv", "run", "--isolated", "--no-project"]
    command += ["--with", f"sqlalchemy[asyncio]=={sqlalchemy}", "--with", f"aiosqlite=={aiosqlite}"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, "python", "-c", JOB], cwd=folder, capture_output=True, check=False
        )
    return done.returncode == 0


# --8<-- [start:table]
def compare() -> None:
    print("SQLAlchemy | aiosqlite | without dispose(), the process")
    #> SQLAlchemy | aiosqlite | without dispose(), the process
    for sqlalchemy, aiosqlite in [("2.0.45", "0.21.0"), ("2.0.45", "0.22.1"), ("2.0.46", "0.22.1")]:
        outcome = "ends" if ends(sqlalchemy, aiosqlite) else "hangs"
        print(sqlalchemy, "|", aiosqlite, "|", outcome)
        #> 2.0.45 | 0.21.0 | ends
        #> 2.0.45 | 0.22.1 | hangs
        #> 2.0.46 | 0.22.1 | ends


# --8<-- [end:table]


if __name__ == "__main__":
    compare()
