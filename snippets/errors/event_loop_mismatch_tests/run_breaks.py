# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "pytest", "pytest-asyncio>=1.0"]
# ///
# drivers: asyncpg (the two others survive a second loop)
# silent: pytest reports it, and nothing is raised here
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
""",
    "conftest.py": """
import os
import pytest_asyncio
from sqlalchemy.ext.asyncio import create_async_engine

@pytest_asyncio.fixture(scope="session")
async def engine():
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE users (name text)")
    yield engine
    await engine.dispose()
""",
    "test_users.py": """
async def test_add(engine):
    async with engine.begin() as connection:
        await connection.exec_driver_sql("INSERT INTO users VALUES ('Ada')")

async def test_list(engine):
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT name FROM users")
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
        if re.match(r"E +(RuntimeError|sqlalchemy.exc)", line):
            print(*re.findall(r"\w+Error:|coro=<\w+|got Future|attached.*|cannot.*", line))
            #> RuntimeError: coro=<test_add got Future attached to a different loop
            #> InterfaceError: cannot perform operation: another operation is in progress
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 2 failed


# --8<-- [end:run]


if __name__ == "__main__":
    main()
