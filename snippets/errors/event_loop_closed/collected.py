# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "psycopg[binary]",
#     "pytest", "pytest-asyncio>=1.0",
# ]
# ///
# drivers: aiosqlite, psycopg (asyncpg says more: tests_breaks.py)
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FILES = {
    "pytest.ini": """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
""",
    "test_users.py": """
import os
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))

@pytest_asyncio.fixture(scope="session")
async def session():
    return AsyncSession(engine)

async def test_select(session):
    await session.execute(text("SELECT 1"))
""",
}


# --8<-- [start:run]
def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            Path(folder, name).write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 1 passed
    for line in done.stderr.splitlines():
        if re.match("Exception|RuntimeError|The garbage", line):
            print(line.partition(" <")[0])
            #> The garbage collector is trying to clean up non-checked-in connection


# --8<-- [end:run]


if __name__ == "__main__":
    main()
