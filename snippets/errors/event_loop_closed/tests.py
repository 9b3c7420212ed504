# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "pytest", "pytest-asyncio>=1.0"]
# ///
# drivers: asyncpg (the two others close a connection in any loop)
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

if "DATABASE_URL" not in os.environ:
    sys.exit("needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test")

# --8<-- [start:files]
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

engine = create_async_engine(os.environ["DATABASE_URL"])

@pytest_asyncio.fixture(scope="session")
async def session():
    async with AsyncSession(engine) as session:
        yield session
    await engine.dispose()

async def test_select(session):
    await session.execute(text("SELECT 1"))
""",
}
# --8<-- [end:files]


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


# --8<-- [end:run]


if __name__ == "__main__":
    main()
