# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0.38", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "pytest", "pytest-asyncio>=1.0",
# ]
# ///
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
ENVIRONMENT = {**os.environ, "DATABASE_URL": DATABASE_URL}

SETTINGS = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
filterwarnings = error
"""

IMPORTS = """
import asyncio, os, pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
"""

FIXTURE = """
@pytest_asyncio.fixture
async def engine():
    engine = create_async_engine(os.environ["DATABASE_URL"])
    yield engine
    await engine.dispose()
"""

AT_IMPORT = """
shared = create_async_engine(os.environ["DATABASE_URL"])

@pytest_asyncio.fixture
async def engine():
    return shared
"""

TEST = """
async def test_select(engine):
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
"""

SCRIPT = """
engine = create_async_engine(os.environ["DATABASE_URL"])

async def main():
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))

asyncio.run(main())
"""


def pytest_passes(fixture: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pytest.ini").write_text(SETTINGS)
        Path(folder, "test_engine.py").write_text(IMPORTS + fixture + TEST)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
    return done.returncode == 0


def said_at_exit(*options: str, script: str = SCRIPT) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *options, "-c", IMPORTS + script]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0
    return done.stderr.splitlines()


def complaints_of(*options: str, script: str = SCRIPT) -> list[str]:
    return [line for line in said_at_exit(*options, script=script) if "ResourceWarning" in line]


async def claim_in_use(_engine: AsyncEngine) -> None:
    """A script with an engine made at import that ends with a connection in use, and runs no garbage collector after the loop, prints nothing, unless you run it with `-X dev`."""
    in_use = SCRIPT.replace("async with engine.connect() as connection:", "if connection := await engine.connect():")
    assert complaints_of("-X", "dev", script=in_use)
    said = said_at_exit(script=in_use)
    assert not said, " ".join(line for line in said if "SAWarning" in line).partition(" <")[0]


async def claim_fixture(_engine: AsyncEngine) -> None:
    """With `filterwarnings = error`, pytest ends with an error if a fixture makes an engine, a test uses it, and the fixture does not dispose of it."""
    assert pytest_passes(FIXTURE)
    assert not pytest_passes(FIXTURE.replace("await engine.dispose()", "pass"))


async def claim_at_import(_engine: AsyncEngine) -> None:
    """With the same setting, pytest does not notice an engine that was made at import and is never disposed of."""
    assert pytest_passes(AT_IMPORT)


async def claim_dev(_engine: AsyncEngine) -> None:
    """In a script with an engine made at import, `python -X dev` prints a `ResourceWarning` for a connection that is open at the end. Without the option it is not printed."""
    assert complaints_of("-X", "dev")
    assert not complaints_of()
    closed = SCRIPT.replace("\nasyncio.run", "    await engine.dispose()\n\nasyncio.run")
    assert not complaints_of("-X", "dev", script=closed)


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

