"""What the worker of the playground does and allows: its greenlets, its locks, its limits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from greenlit.gate import prepared, start, there
from greenlit.playground.place import WORKER_POLICY
from greenlit.project import HERE
from greenlit.site.canary import Quiet

GREENLETS = Path(__file__).with_name("greenlets.py")

pytestmark = pytest.mark.usefixtures("fetched")


class Strict(Quiet):
    """Sends the policy of the worker, as a server with policies does."""

    def end_headers(self) -> None:
        if self.path.endswith("/worker.mjs"):
            self.send_header("Content-Security-Policy", WORKER_POLICY)
        super().end_headers()


@pytest.fixture(scope="module")
def worker(browser: Browser) -> Iterator[Page]:
    """A page with Python in its worker."""
    with (
        tempfile.TemporaryDirectory() as folder,
        prepared(HERE, Path(folder), Strict) as url,
        browser.new_context() as context,
    ):
        start(page := context.new_page(), url)
        page.evaluate("runner.longest = 60_000")
        yield page


def printed(page: Page, source: str) -> str:
    seen = there(page, source, "main.py")
    assert seen.get("error") == "", seen
    return str(seen["printed"])


def test_our_greenlets_do_what_greenlets_do(worker: Page) -> None:
    done = subprocess.run([sys.executable, GREENLETS], capture_output=True, text=True, check=True)
    assert printed(worker, GREENLETS.read_text()).splitlines() == done.stdout.splitlines()


def test_tasks_take_turns_in_the_order_of_asyncio(worker: Page) -> None:
    source = """
import asyncio
async def task(name):
    for turn in range(3):
        print(name, turn)
        await asyncio.sleep(0)
async def main():
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(task(name))
    for name in "abc":
        asyncio.get_running_loop().call_soon(print, name)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        print("late")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert printed(worker, source) == done.stdout


def test_a_lock_is_waited_for(worker: Page) -> None:
    """While one connection waits, the one that has the lock goes on; it waits no longer than its timeout."""
    source = """
import asyncio, sqlite3
import aiosqlite
async def write(name, timeout, hold):
    async with aiosqlite.connect("x.db", timeout=timeout, isolation_level=None) as connection:
        try:
            await connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            return print(name, error)
        print(name)
        await hold.wait()
        await connection.execute("COMMIT")
async def main():
    hold = asyncio.Event()
    first = asyncio.create_task(write("first", 5, hold))
    await asyncio.sleep(0.05)
    await write("impatient", 0, hold)
    patient = asyncio.create_task(write("patient", 60, hold))
    await asyncio.sleep(0.05)
    hold.set()
    await first, await patient
asyncio.run(main())
"""
    assert printed(worker, source).splitlines() == ["first", "impatient database is locked", "patient"]


def test_a_run_leaves_nothing_behind(worker: Page) -> None:
    first = """
import logging, os, sys, types, warnings
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.orm import Session
os.environ["LEFT"] = "1"
sys.path.insert(0, os.getcwd())
Path("left.py").write_text("value = 1")
import left
warnings.simplefilter("error")
logging.basicConfig(level="DEBUG")
event.listen(Session, "before_flush", lambda *_: print("heard"))
"""
    second = """
import os, logging, sys, warnings
from pathlib import Path
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
print(os.environ.get("LEFT"), Path("left.py").exists(), "left" in sys.modules, logging.getLogger().handlers)
warnings.warn("only a warning")
class Base(DeclarativeBase): pass
class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
engine = create_engine("sqlite://")
Base.metadata.create_all(engine)
with Session(engine) as session:
    session.add(Row())
    session.flush()
    print("flushed")
"""
    printed(worker, first)
    assert printed(worker, second).splitlines() == ["None False False []", "flushed"]


def test_the_worker_has_no_way_out(worker: Page) -> None:
    source = """
import js
for name in ("fetch", "XMLHttpRequest", "WebSocket", "indexedDB", "caches", "importScripts", "document", "Worker"):
    print(name, getattr(js, name, None))
from pyodide.code import run_js
try:
    print(run_js("1 + 1"))
except Exception as error:
    print(type(error).__name__, "unsafe-eval" in str(error))
"""
    *names, evaluated = printed(worker, source).splitlines()
    assert [line.split()[1] for line in names] == ["None"] * 8
    assert evaluated == "JsException True"


def test_output_is_bounded(worker: Page) -> None:
    assert len(printed(worker, "for _ in range(1000): print('x' * 1000)")) == 100_000


def test_a_run_that_does_not_end_is_stopped(worker: Page) -> None:
    worker.evaluate("runner.longest = 300")
    assert there(worker, "print('begun')\nwhile True: pass", "main.py").keys() == {"late", "printed"}
    worker.evaluate("runner.longest = 60_000")
    assert printed(worker, "print('a new worker')") == "a new worker\n"
