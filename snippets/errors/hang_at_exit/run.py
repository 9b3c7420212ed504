# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the others have no thread for a connection)
import re
import subprocess
import tempfile

# --8<-- [start:job]
JOB = """
import asyncio, faulthandler
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("sqlite+aiosqlite:///app.db")


async def job():
    async with engine.begin() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()


asyncio.run(job())
print("the job is done", flush=True)
faulthandler.dump_traceback_later(3, exit=True)
"""
# --8<-- [end:job]


# --8<-- [start:run]
def run(*versions: str) -> None:
    done = uv_run(JOB, versions)
    print(done.stdout.strip())
    #> the job is done
    for line in done.stderr.splitlines():
        if re.search("Timeout|in _shutdown|in _connection_worker_thread", line):
            print(re.sub(r' *File "/.*/(.*?)", line \d+', r"\1:", line))
    assert done.returncode == 0, "it had to be killed"


# --8<-- [end:run]


def uv_run(job: str, versions: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    command = ["uv", "run", "--isolated", "--no-project"]
    for version in versions:
        command += ["--with", version]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            [*command, "python", "-c", job], cwd=folder, capture_output=True, text=True, check=False
        )


if __name__ == "__main__":
    # --8<-- [start:versions]
    run("sqlalchemy[asyncio]==2.0.45", "aiosqlite==0.22.1")
    # --8<-- [end:versions]
