# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "sqlalchemy[asyncio]>=2.0", "aiosqlite", "asyncpg", "psycopg[binary]",
#     "pytest", "pytest-asyncio>=1.0",
# ]
# ///
# silent: pytest reports it, and nothing is raised here
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:files]
FILES = {
    "pytest.ini": """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
""",
    "test_users.py": """
import os
import pytest_asyncio
from sqlalchemy.ext.asyncio import create_async_engine

@pytest_asyncio.fixture(scope="session")
async def engine():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    yield engine
    await engine.dispose()

async def test_one(engine):
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
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
    for line in done.stdout.splitlines():
        if line.startswith("ScopeMismatch"):
            print(line.partition(" Requesting")[0].replace(" with ", "\nwith "))
            """
            ScopeMismatch: You tried to access the function scoped fixture _function_scoped_runner
            with a session scoped request object.
            """
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 1 error


# --8<-- [end:run]


if __name__ == "__main__":
    main()
