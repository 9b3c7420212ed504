# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.38", "aiosqlite"]
# ///
# drivers: aiosqlite (what differs is what can be imported)
import asyncio
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db")


def ran(*command: str, folder: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


async def claim_bound(engine: AsyncEngine) -> None:
    """With `sqlalchemy[asyncio]>=2` beside SQLModel 0.0.8, uv installs nothing and names SQLModel."""
    wanted = ["--with", "sqlalchemy[asyncio]>=2", "--with", "sqlmodel==0.0.8"]
    run = ran("uv", "run", "--isolated", "--no-project", *wanted, "python", "-c", "print('runs')")
    assert run.returncode != 0
    assert "sqlmodel==0.0.8" in run.stderr
    assert "runs" not in run.stdout


def with_own_file() -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sqlalchemy.py").write_text("")
        Path(folder, "main.py").write_text("from sqlalchemy.ext.asyncio import async_sessionmaker\n")
        return ran(sys.executable, "main.py", folder=folder).stderr


async def claim_own_file(engine: AsyncEngine) -> None:
    """With a file `sqlalchemy.py` beside `main.py`, the import says: `No module named 'sqlalchemy.ext'; 'sqlalchemy' is not a package`."""
    assert "No module named 'sqlalchemy.ext'; 'sqlalchemy' is not a package" in with_own_file()


async def reason_against(claim: Callable[[AsyncEngine], Awaitable[None]]) -> str:
    """Why a claim does not hold here, or nothing."""
    engine = create_async_engine(DATABASE_URL)
    try:
        await claim(engine)
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{type(error).__name__}: {str(error).partition(chr(10))[0] or line}"
    finally:
        await engine.dispose()
    return ""


async def main() -> None:
    for name, claim in list(globals().items()):
        if name.startswith("claim_"):
            sentence, against = " ".join(claim.__doc__.split()), await reason_against(claim)
            print(f"does not hold: {sentence} ({against})" if against else f"holds: {sentence}")


if __name__ == "__main__":
    asyncio.run(main())
