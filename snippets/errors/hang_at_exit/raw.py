# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the others have no thread for a connection)
import subprocess
import sys
import tempfile

# --8<-- [start:raw]
JOBS = {
    "an engine": """
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine("sqlite+aiosqlite:///app.db")

async def job():
    async with engine.connect():
        pass
""",
    "aiosqlite": """
import aiosqlite
kept = []

async def job():
    kept.append(await aiosqlite.connect("app.db"))
""",
}
END = """
import asyncio, faulthandler, threading
asyncio.run(job())
faulthandler.dump_traceback_later(3, exit=True)
for thread in threading.enumerate():
    if thread is not threading.main_thread() and not thread.daemon:
        print("waits for", thread.name, flush=True)
"""
# --8<-- [end:raw]


def run(job: str, folder: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", job]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def main() -> None:
    # --8<-- [start:run]
    for name, job in JOBS.items():
        with tempfile.TemporaryDirectory() as folder:
            done = run(job + END, folder)
        print(name, "ends" if done.returncode == 0 else "hangs")
        #> an engine ends
        #> aiosqlite hangs
    print(done.stdout.strip())
    #> waits for Thread-1 (_connection_worker_thread)
    # --8<-- [end:run]


if __name__ == "__main__":
    main()
