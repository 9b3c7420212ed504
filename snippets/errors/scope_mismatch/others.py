# /// script
# requires-python = ">=3.11"
# dependencies = ["pytest", "pytest-asyncio>=1.0"]
# ///
# drivers: aiosqlite (pytest runs, and no database is asked)
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# --8<-- [start:tests]
TEST = """
import pytest

@pytest.fixture(scope="session")
def database_url(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite://")

def test_url(database_url):
    pass

def test_loop(event_loop):
    pass
"""
# --8<-- [end:tests]


# --8<-- [start:run]
def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_url.py").write_text(TEST)
        command = [sys.executable, "-m", "pytest", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    for line in re.findall(r"function scoped fixture .*? object|fixture 'e.*", done.stdout):
        print(line)
        #> function scoped fixture monkeypatch with a session scoped request object
        #> fixture 'event_loop' not found
# --8<-- [end:run]


if __name__ == "__main__":
    main()
