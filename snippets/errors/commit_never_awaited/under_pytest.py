# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest", "pytest-asyncio"]
# ///
# drivers: aiosqlite (pytest runs, and no database is asked)
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:settings]
SETTINGS = """
[pytest]
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""
# --8<-- [end:settings]

# --8<-- [start:test]
TEST = """
import asyncio

from sqlalchemy.ext.asyncio import AsyncSession


async def save(session: AsyncSession) -> None:
    session.commit()


def test_save() -> None:
    asyncio.run(save(AsyncSession()))
"""
# --8<-- [end:test]


def main() -> None:
    # --8<-- [start:run]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pytest.ini").write_text(SETTINGS)
        Path(folder, "test_save.py").write_text(TEST)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    lines = run.stdout.splitlines()
    print(*[line.removeprefix("E ").strip() for line in lines if "RuntimeWarning: cor" in line][-1:])
    #> RuntimeWarning: coroutine 'AsyncSession.commit' was never awaited
    print(lines[-1].partition(" in ")[0])
    #> 1 failed
    # --8<-- [end:run]


if __name__ == "__main__":
    main()
