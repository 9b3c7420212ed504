# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "pytest>=8.4", "pytest-asyncio>=1.0",
# ]
# ///
# silent: pytest reports it, and nothing is raised here
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:test]
TEST = """
import os
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

@pytest.fixture
async def session():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with AsyncSession(engine) as session:
        yield session
    await engine.dispose()

@pytest.mark.asyncio
async def test_select(session):
    assert await session.connection()
"""
# --8<-- [end:test]


# --8<-- [start:run]
def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_select.py").write_text(TEST)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if "requested an async fixture" in line:
            print(line)
            """
            'test_select' requested an async fixture 'session', with no plugin or hook that handled it. This is an error, as pytest does not natively support it.
            """
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 1 error


# --8<-- [end:run]


if __name__ == "__main__":
    main()
