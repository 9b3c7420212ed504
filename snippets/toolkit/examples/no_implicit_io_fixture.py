# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "pytest", "pytest-asyncio", "aiosqlite", "asyncpg", "psycopg[binary]"]
# ///
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import no_implicit_io

TESTS = """
import os

import pytest
from no_implicit_io import implicit_io_fails
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def save(expire_on_commit, read):
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///greenlit.db"))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine, expire_on_commit=expire_on_commit) as session:
            user = User(name="Ada")
            session.add(user)
            await session.commit()
            return await session.run_sync(lambda _: read(user))
    finally:
        await engine.dispose()


# --8<-- [start:tests]
pytestmark = pytest.mark.usefixtures("implicit_io_fails")


def read(user):
    return user.name


def read_or_give_up(user):
    try:
        return user.name
    except Exception:
        return "nobody"


async def test_kept():
    assert await save(expire_on_commit=False, read=read) == "Ada"


async def test_expired():
    assert await save(expire_on_commit=True, read=read) == "Ada"


async def test_swallowed():
    assert await save(expire_on_commit=True, read=read_or_give_up)


async def test_swallowed_and_failed():
    assert await save(expire_on_commit=True, read=read_or_give_up) == "Ada"
    # --8<-- [end:tests]
"""

MODULES = str(Path(no_implicit_io.__file__).parent)


# --8<-- [start:run]
def run_pytest() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_names.py").write_text(TESTS)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": MODULES, "COLUMNS": "200"},
            capture_output=True,
            text=True,
        )
    for line in done.stdout.splitlines():
        if line.startswith(("FAILED", "ERROR")):
            words = line.partition(",")[0].replace("test_names.py::", "")
            print(words.replace("no_implicit_io.", ""))
            #> FAILED test_expired - ImplicitIO: User.name is expired
            #> FAILED test_swallowed_and_failed - AssertionError: assert 'nobody' == 'Ada'
            #> ERROR test_swallowed - ImplicitIO: User.name is expired
            #> ERROR test_swallowed_and_failed - ImplicitIO: User.name is expired
    print(done.stdout.splitlines()[-1].partition(" in ")[0])
    #> 2 failed, 2 passed, 2 errors
    # --8<-- [end:run]


run_pytest()
