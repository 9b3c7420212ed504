import re
import subprocess
import sys
from pathlib import Path

IMPORTS = """\
import os
from collections.abc import AsyncIterator
from typing import Annotated
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
"""
TESTS = """\
import pytest

@pytest.mark.parametrize("time", ["once", "again"])
async def test_one_user(client, time):
    response = await client.post("/users?name=Ada")
    assert response.status_code == 201
    assert (await client.get("/users")).json() == ["Ada"]

async def test_two_requests_see_each_other(client):
    assert (await client.get("/users")).json() == []
    for name in ("Ada", "Grace"):
        assert (await client.post(f"/users?name={name}")).status_code == 201
    assert (await client.get("/users")).json() == ["Ada", "Grace"]
"""
SETTINGS = """\
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""


def check(answer: str) -> None:
    task = Path(__file__).with_name("task.md").read_text()
    app = re.search(r"```python\n(.*?)```", task, re.DOTALL)
    assert app is not None
    files = {"app.py": IMPORTS + app[1], "conftest.py": answer, "test_app.py": TESTS, "pytest.ini": SETTINGS}
    for name, text in files.items():
        Path(name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]]
    assert done.returncode == 0, f"the tests of the application: {said[-1]}"
