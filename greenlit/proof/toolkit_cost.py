"""What the toolkit's modules cost while they watch: `make bench` measures it and writes it into their docstrings."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from greenlit.project import HERE
from greenlit.record import write_whole

WATCHERS = {"ledger": "Ledger", "checkouts": "Checkouts", "no_implicit_io": "no_implicit_io"}
"""The modules that listen to SQLAlchemy, and what switches each on."""

SENTENCE = re.compile(
    "a query in a session of its own takes (?P<sqlite>[0-9.]+) times as long on SQLite in memory, "
    "and (?P<postgres>[0-9.]+) times on PostgreSQL [(]asyncpg[)]".replace(" ", r"\s+")
)
NOISE = 1.25
"""A figure that differs by less than this factor is left as it is."""
ROUNDS = 7
QUERIES = 300

numbers = Table("numbers", MetaData(), Column("id", Integer, primary_key=True))

Watcher = Callable[[], AbstractContextManager[Any]]


def path_of(module: str) -> Path:
    return HERE.snippets / "toolkit" / f"{module}.py"


def stated(module: str) -> dict[str, float] | None:
    """The figures that a module's docstring states."""
    found = SENTENCE.search(path_of(module).read_text())
    return None if found is None else {name: float(value) for name, value in found.groupdict().items()}


def record(postgres_url: str) -> None:
    """Measure, print, and correct the docstrings that state something else."""
    for module, switch in WATCHERS.items():
        before = asyncio.run(_fastest("sqlite+aiosqlite://"))
        watcher: Watcher = getattr(import_module(f"snippets.toolkit.{module}"), switch)
        after = asyncio.run(_fastest("sqlite+aiosqlite://"))
        ratios = {
            "sqlite": asyncio.run(_ratio("sqlite+aiosqlite://", watcher)),
            "postgres": asyncio.run(_ratio(postgres_url, watcher)),
        }
        print(
            f"{module + ', switched on:':<26}{ratios['sqlite']:6.2f} x a query on SQLite in memory, "
            f"{ratios['postgres']:.2f} x on PostgreSQL; only imported: {after / before:.2f} x"
        )
        _correct(module, ratios)


async def _ratio(url: str, watcher: Watcher) -> float:
    """Watched by unwatched, the fastest of rounds that take turns."""
    watched, bare = float("inf"), float("inf")
    async with _engine(url) as engine:
        for _ in range(ROUNDS):
            bare = min(bare, await _seconds(engine, nullcontext()))
            watched = min(watched, await _seconds(engine, watcher()))
    return watched / bare


async def _fastest(url: str) -> float:
    async with _engine(url) as engine:
        return min([await _seconds(engine, nullcontext()) for _ in range(ROUNDS)])


@asynccontextmanager
async def _engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(numbers.metadata.create_all)
        yield engine
    finally:
        await engine.dispose()


async def _seconds(engine: AsyncEngine, watching: AbstractContextManager[Any]) -> float:
    with watching:
        begun = time.perf_counter()
        for _ in range(QUERIES):
            async with AsyncSession(engine) as session:
                await session.execute(select(numbers))
        return time.perf_counter() - begun


def _correct(module: str, ratios: dict[str, float]) -> None:
    source = path_of(module).read_text()
    found = SENTENCE.search(source)
    if found is None:
        print("    its docstring says nothing of this")
        return
    for name, ratio in reversed(ratios.items()):  # From the back, so that positions stay true.
        before = float(found[name])
        if not 1 / NOISE < ratio / before < NOISE:
            start, end = found.span(name)
            source = f"{source[:start]}{ratio:.1f}{source[end:]}"
            print(f"    its docstring said {before} for {name}: corrected")
    write_whole(path_of(module), source)
