# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "pytest", "pytest-asyncio>=1.0"]
# ///
# drivers: asyncpg (the two others survive a second loop)
import os
import subprocess
import sys
import tempfile
from pathlib import Path

if "DATABASE_URL" not in os.environ:
    sys.exit("needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://user:password@localhost/test")

TESTS = """
import os
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine():
    engine = create_async_engine(os.environ["DATABASE_URL"])
    yield engine
    await engine.dispose()

@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.asyncio
async def test_select(engine, number):
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
"""

# --8<-- [start:table]
CURES = {
    "nothing": ("TESTS", "TESTS"),
    '`@pytest.mark.asyncio(loop_scope="session")`': ("asyncio\nasync", "asyncio(loop_scope='session')\nasync"),
    "`poolclass=NullPool`": ('_URL"])', '_URL"], poolclass=NullPool)'),
    "an engine for each test": ('(scope="session", loop_scope="session")', ""),
    "`pool_pre_ping=True`": ('_URL"])', '_URL"], pool_pre_ping=True)'),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, cure in enumerate(CURES.values()):
            Path(folder, f"test_{number}.py").write_text(TESTS.replace(*cure))
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    dots = [line.split()[1] for line in done.stdout.splitlines() if "%]" in line]
    print("what is changed | the three tests")
    #> what is changed | the three tests
    for name, three in zip(CURES, dots, strict=True):
        print(f"{name} | `{three}`")
        #> nothing | `.FF`
        #> `@pytest.mark.asyncio(loop_scope="session")` | `...`
        #> `poolclass=NullPool` | `...`
        #> an engine for each test | `...`
        #> `pool_pre_ping=True` | `.F.`
# --8<-- [end:table]



if __name__ == "__main__":
    main()
