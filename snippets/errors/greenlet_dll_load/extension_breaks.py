# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the import fails, before any database is asked)
# raises: AssertionError
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import greenlet

# --8<-- [start:run]
APPLICATION = "from sqlalchemy.ext.asyncio import create_async_engine; print('it works')"


def run_with(extension: bytes) -> None:
    """Run the application with a copy of greenlet whose compiled part is `extension`."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(PACKAGE, Path(folder, "greenlet"))
        (copy / COMPILED.name).unlink()
        (copy / COMPILED.name).write_bytes(extension)
        finished = subprocess.run(
            [sys.executable, "-c", APPLICATION],
            env=os.environ | {"PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    for line in (finished.stdout + finished.stderr).splitlines():
        if line.startswith(("ImportError", "it works")):
            line = line.replace(folder, "site-packages").replace(COMPILED.name, "_greenlet.so")
            print(textwrap.shorten(line, 76))
            #> ImportError: site-packages/greenlet/_greenlet.so: file too short
            #> ImportError: The SQLAlchemy asyncio module requires that the Python [...]
    assert finished.returncode == 0, "the application did not start"


# --8<-- [end:run]
PACKAGE = Path(greenlet.__file__).parent
COMPILED = next(PACKAGE.glob("_greenlet*.so"))

# --8<-- [start:extension]
run_with(b"")
# --8<-- [end:extension]
