# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "aiosqlite"]
# ///
# drivers: aiosqlite (the import fails, before any database is asked)
import os
import platform
import subprocess
import sys
import tempfile

# --8<-- [start:foreign]
APPLICATION = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine

asyncio.run(create_async_engine("sqlite+aiosqlite://").connect().start())
"""
OTHER = "aarch64" if platform.machine() == "x86_64" else "x86_64"

with tempfile.TemporaryDirectory() as folder:
    for package in ("greenlet", "sqlalchemy==2.0.*"):
        install = ["uv", "pip", "install", "--quiet", "--no-deps", "--target", folder, package]
        install += ["--python", sys.executable, "--python-platform", f"{OTHER}-unknown-linux-gnu"]
        subprocess.run(install, check=True)
    finished = subprocess.run(
        [sys.executable, "-c", APPLICATION],
        env=os.environ | {"PYTHONPATH": folder},
        capture_output=True,
        text=True,
        check=False,
    )
    print((finished.stderr or "it works").strip().splitlines()[-1])
    """
    ValueError: the greenlet library is required to use this function. No module named 'greenlet._greenlet'
    """
# --8<-- [end:foreign]
