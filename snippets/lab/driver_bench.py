# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
"""asyncpg or psycopg: how do they compare on this machine? Ratios from one interleaved run.

    uv run driver_bench.py --url postgresql://me@localhost/app

It works in a table of its own, which it drops again, and writes driver_bench.json and .svg.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

DRIVERS = ("asyncpg", "psycopg")
ROWS = 2000


class Base(DeclarativeBase):
    pass


class Reading(Base):
    __tablename__ = "greenlit_bench"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    value: Mapped[float]


# --8<-- [start:tasks]
async def core_row(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for key in range(1, 51):
            await connection.execute(select(Reading.__table__).where(Reading.id == key))


async def core_rows(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        (await connection.execute(select(Reading.__table__))).all()


async def orm_row(engine: AsyncEngine) -> None:
    for key in range(1, 26):
        async with AsyncSession(engine) as session:
            await session.get(Reading, key)


async def orm_rows(engine: AsyncEngine) -> None:
    async with AsyncSession(engine) as session:
        (await session.scalars(select(Reading))).all()


async def transactions(engine: AsyncEngine) -> None:
    for key in range(1, 26):
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE greenlit_bench SET value = 1 WHERE id = :id"), {"id": key})


async def insert_many(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        rows = [{"name": "x", "value": 1.0}] * 500
        await connection.execute(insert(Reading), rows)
        await connection.rollback()


async def ping(engine: AsyncEngine) -> None:
    for _ in range(50):
        async with engine.connect():
            pass


# --8<-- [end:tasks]

TASKS: dict[str, Callable[[AsyncEngine], Awaitable[None]]] = {
    "Core, one row": core_row,
    f"Core, {ROWS} rows": core_rows,
    "ORM, one object, session and all": orm_row,
    f"ORM, {ROWS} objects": orm_rows,
    "a short transaction": transactions,
    "insert 500 rows at once": insert_many,
    "checkout with pool_pre_ping": ping,
}


async def measure(url: str, rounds: int) -> dict[str, float]:
    """The time with psycopg over the time with asyncpg: the best of each, taken in turns."""
    engines = {
        driver: create_async_engine(make_url(url).set(drivername=f"postgresql+{driver}")) for driver in DRIVERS
    }
    pinging = {
        driver: create_async_engine(engine.url, pool_pre_ping=True) for driver, engine in engines.items()
    }
    try:
        await prepare(engines["asyncpg"])
        best = {(name, driver): float("inf") for name in TASKS for driver in DRIVERS}
        for _ in range(rounds + 1):  # The first round warms up, and the best of all counts.
            for name, task in TASKS.items():
                for driver in DRIVERS:
                    engine = (pinging if task is ping else engines)[driver]
                    begun = time.perf_counter()
                    await task(engine)
                    best[name, driver] = min(best[name, driver], time.perf_counter() - begun)
        return {name: round(best[name, "psycopg"] / best[name, "asyncpg"], 2) for name in TASKS}
    finally:
        async with engines["asyncpg"].begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
        for engine in [*engines.values(), *pinging.values()]:
            await engine.dispose()


async def prepare(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(insert(Reading), [{"name": f"reading {n}", "value": n / 7} for n in range(ROWS)])


def draw(ratios: dict[str, float], note: str) -> str:
    """A bar for each task, from the line at 1.0: to the right psycopg took longer, to the left asyncpg did."""
    width, row, left, one = 640, 30, 250, 400
    scale = 150 / max(1.0, *(abs(ratio - 1) for ratio in ratios.values()))
    bars = ""
    for i, (name, ratio) in enumerate(ratios.items()):
        y, length = 34 + row * i, (ratio - 1) * scale
        kind = "late" if ratio > 1 else "rate"
        bars += (
            f'<text x="{left - 14}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="{kind}" x="{one + min(0, length):.1f}" y="{y + 2}" width="{abs(length):.1f}" height="16" rx="2"/>'
            f'<text x="{one + length + (8 if ratio >= 1 else -8):.1f}" y="{y + 14}" '
            f'text-anchor="{"start" if ratio >= 1 else "end"}">{ratio:.2f}</text>'
        )
    height = 34 + row * len(ratios) + 34
    spoken = "; ".join(f"{name}: {ratio}" for name, ratio in ratios.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gl-chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(f"Time with psycopg over time with asyncpg. {spoken}.")}"><style>{STYLE}</style>'
        f'<text class="quiet" x="{one - 10}" y="16" text-anchor="end">psycopg is faster</text>'
        f'<text class="quiet" x="{one + 10}" y="16">asyncpg is faster</text>'
        f'<g class="grid"><line x1="{one}" x2="{one}" y1="24" y2="{height - 34}"/></g>{bars}'
        f'<text class="quiet" x="8" y="{height - 8}">{escape(note)}</text></svg>\n'
    )


STYLE = (
    ".gl-chart{font:12px system-ui,sans-serif;color-scheme:light dark}"
    ".gl-chart text{fill:var(--md-default-fg-color,CanvasText);stroke:none}"
    ".gl-chart text.quiet{fill:var(--gl-quiet,GrayText);font-size:10px}"
    ".gl-chart .grid line{stroke:var(--gl-quiet,GrayText);stroke-width:1}"
    ".gl-chart rect.rate{fill:var(--gl-held,#1a8f52)}"
    ".gl-chart rect.late{fill:var(--gl-late,#b35c00)}"
)


def command(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default=os.environ.get("DATABASE_URL"), help="a PostgreSQL; DATABASE_URL by default")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", type=Path, default=Path("driver_bench"))
    options = parser.parse_args(arguments)
    if not options.url or make_url(options.url).get_backend_name() != "postgresql":
        parser.error("which PostgreSQL? --url postgresql://user@host/name, or DATABASE_URL")
    ratios = asyncio.run(measure(options.url, min(options.rounds, 100)))
    for name, ratio in ratios.items():
        print(f"{name:<36} psycopg takes {ratio:.2f} of asyncpg's time")
    packages = ", ".join(f"{name} {version(name)}" for name in ("sqlalchemy", *DRIVERS))
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    note = f"Time with psycopg / time with asyncpg. {packages}; {machine}"
    options.out.with_suffix(".json").write_text(json.dumps({"note": note, "ratios": ratios}, indent=1) + "\n")
    options.out.with_suffix(".svg").write_text(draw(ratios, note))


if __name__ == "__main__":
    command()
