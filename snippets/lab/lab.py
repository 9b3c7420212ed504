# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0", "asyncpg", "psycopg[binary]"]
# ///
"""How large should the pool be for this query on this database? Measure it.

    uv run lab.py --url postgresql+asyncpg://me@localhost/app --query "SELECT ..." --concurrency 32

Runs the query from a fixed number of tasks, once for each pool size; prints a table and writes
lab.json and lab.svg. It only reads, never takes more connections than the server has free, and
ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import platform
import random
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

QUERIES = {
    "wait": "SELECT pg_sleep(0.005)",
    "cpu": "SELECT sum(i * i) FROM generate_series(1, 20000) AS i",
}
NAME = "greenlit-lab"
SPARE = 2  # Connections that are left to others, whatever the server says is free.
LONGEST_RUN, MOST_TASKS = 120.0, 500
LONGEST_QUERY, LONGEST_WAIT = "10s", 20.0


@dataclass
class Point:
    """What one pool size did."""

    pool_size: int
    requests: int
    per_second: float
    median_ms: float
    p95_ms: float
    waiting_ms: float
    """Of the mean request, the time it waited for a connection."""
    query_ms: float
    connects: int
    failed: int


@dataclass
class Report:
    driver: str
    query: str
    concurrency: int
    rate: float | None
    seconds: float
    overflow: int
    machine: str
    software: str
    points: list[Point] = field(default_factory=list)
    not_measured: list[str] = field(default_factory=list)


class Refused(Exception):
    """What cannot be measured here, and why."""


# Before anything is loaded ---------------------------------------------------------------------


# --8<-- [start:slots]
async def free_slots(engine: AsyncEngine) -> tuple[int, str]:
    """How many connections the server has left for this role, and how that was reckoned."""
    async with engine.connect() as connection:
        setting = "SELECT coalesce(current_setting(:name, true), '0')::int"
        most = await connection.scalar(text(setting), {"name": "max_connections"})
        kept = await connection.scalar(text(setting), {"name": "superuser_reserved_connections"})
        roles = await connection.scalar(text(setting), {"name": "reserved_connections"})
        used = await connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        )
    # Its own connection is among those in use, and will be gone.
    free = most - kept - roles - (used - 1) - SPARE
    return free, f"max_connections {most}, reserved {kept + roles}, in use {used - 1}, left to others {SPARE}"


# --8<-- [end:slots]


def engine_for(url: URL, size: int, overflow: int) -> AsyncEngine:
    # Whatever the query is, it may not write and may not run for long.
    limits = {"default_transaction_read_only": "on", "statement_timeout": LONGEST_QUERY, "application_name": NAME}
    if url.get_driver_name() == "asyncpg":
        arguments: dict[str, object] = {"server_settings": limits, "timeout": 10}
    else:
        options = " ".join(f"-c {name}={value}" for name, value in limits.items())
        arguments = {"options": options, "connect_timeout": 10}
    return create_async_engine(
        url, pool_size=size, max_overflow=overflow, pool_timeout=LONGEST_WAIT, connect_args=arguments
    )


# The measurement -------------------------------------------------------------------------------


# --8<-- [start:measure]
async def measure(engine: AsyncEngine, query: str, tasks: int, seconds: float, rate: float | None) -> Point:
    """Keep `tasks` requests under way, or let `rate` a second arrive by chance; then count."""
    waited: list[float] = []
    queried: list[float] = []
    failures: list[str] = []

    async def request() -> None:
        asked = time.perf_counter()
        try:
            async with engine.connect() as connection:
                got = time.perf_counter()
                await connection.execute(text(query))
                await connection.rollback()
        except SQLAlchemyError as error:
            failures.append(str(error).splitlines()[0])
            return
        waited.append(got - asked)
        queried.append(time.perf_counter() - got)

    await fill(engine)
    begun = time.perf_counter()
    if rate is None:
        await steadily(request, tasks, begun + seconds)
    else:
        await by_chance(request, rate, begun + seconds)
    return summary(engine, waited, queried, failures, time.perf_counter() - begun)


# --8<-- [end:measure]


async def fill(engine: AsyncEngine) -> None:
    """Open every connection of the pool, so that connecting is not measured."""
    size = engine.pool.size()  # type: ignore[attr-defined]
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(size):
            connection = await stack.enter_async_context(engine.connect())
            await connection.execute(text("SELECT 1"))


async def steadily(request: object, tasks: int, until: float) -> None:
    assert callable(request)

    async def one_user() -> None:
        while time.perf_counter() < until:
            await request()

    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(one_user())


async def by_chance(request: object, rate: float, until: float) -> None:
    assert callable(request)
    chance = random.Random(1)
    next_one = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        while (next_one := next_one + chance.expovariate(rate)) < until:
            await asyncio.sleep(max(0, next_one - time.perf_counter()))
            group.create_task(request())


def summary(
    engine: AsyncEngine, waited: list[float], queried: list[float], failures: list[str], took: float
) -> Point:
    size = engine.pool.size()  # type: ignore[attr-defined]
    if not queried:
        why = failures[0] if failures else "none ended in time"
        raise Refused(f"pool size {size}: no request succeeded: {why}")
    total = sorted(wait + query for wait, query in zip(waited, queried, strict=True))
    return Point(
        pool_size=size,
        requests=len(total),
        per_second=round(len(total) / took, 1),
        median_ms=round(statistics.median(total) * 1000, 2),
        p95_ms=round(total[int(len(total) * 0.95)] * 1000, 2),
        waiting_ms=round(statistics.fmean(waited) * 1000, 2),
        query_ms=round(statistics.fmean(queried) * 1000, 2),
        connects=0,
        failed=len(failures),
    )


async def sweep(url: URL, options: argparse.Namespace) -> AsyncIterator[Point | Refused]:
    probe = engine_for(url, 1, 0)
    try:
        free, reckoning = await free_slots(probe)
    finally:
        await probe.dispose()
    for size in options.sizes:
        if size + options.overflow > free:
            yield Refused(f"pool size {size}: the server has {max(free, 0)} connections to spare ({reckoning})")
            continue
        engine = engine_for(url, size, options.overflow)
        connects = [0]
        count_connects(engine, connects)
        try:
            point = await measure(
                engine, options.query, options.concurrency, options.seconds, options.rate
            )
            point.connects = connects[0]
            yield point
        except Refused as refused:
            yield refused
        finally:
            await asyncio.shield(engine.dispose())  # Also on Ctrl-C: nothing stays on the server.


def count_connects(engine: AsyncEngine, connects: list[int]) -> None:
    from sqlalchemy import event

    @event.listens_for(engine.sync_engine, "connect")
    def count(_connection: object, _record: object) -> None:
        connects[0] += 1


# What a person sees ----------------------------------------------------------------------------

HEADS = ("pool", "req/s", "median ms", "p95 ms", "waiting ms", "query ms", "connects", "failed")


def table(points: Sequence[Point]) -> str:
    rows = [HEADS] + [
        (
            str(p.pool_size), f"{p.per_second:.0f}", f"{p.median_ms:.1f}", f"{p.p95_ms:.1f}",
            f"{p.waiting_ms:.1f}", f"{p.query_ms:.1f}", str(p.connects), str(p.failed),
        )
        for p in points
    ]  # fmt: skip
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def knee(points: Sequence[Point]) -> Point:
    """The smallest pool that reaches nine tenths of the best throughput."""
    best = max(p.per_second for p in points)
    return next(p for p in points if p.per_second >= 0.9 * best)


def draw(report: Report) -> str:
    """Two curves over the pool size: throughput (or, if that is given, waiting), and how long requests take."""
    width, height, left, bottom, top = 640, 300, 56, 44, 34
    points = report.points
    places = [left + (width - left - 60) * i / max(1, len(points) - 1) for i in range(len(points))]

    def curve(values: list[float], name: str) -> str:
        most = nice(max(values))
        ys = [height - bottom - (height - bottom - top) * value / most for value in values]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(places, ys, strict=True))
        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in zip(places, ys, strict=True))
        return f'<g class="{name}"><polyline points="{line}"/>{dots}</g>'

    what = "mean wait for a connection, ms" if report.rate else "requests/s"
    rate = [p.waiting_ms if report.rate else p.per_second for p in points]
    late = [p.p95_ms for p in points]
    grid = ""
    for share in (0.0, 0.5, 1.0):
        y = height - bottom - (height - bottom - top) * share
        grid += f'<line x1="{left}" x2="{width - 60}" y1="{y:.1f}" y2="{y:.1f}"/>'
        grid += f'<text class="rate" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{nice(max(rate)) * share:g}</text>'
        grid += f'<text class="late" x="{width - 52}" y="{y + 4:.1f}">{nice(max(late)) * share:g}</text>'
    for x, p in zip(places, points, strict=True):
        grid += f'<text x="{x:.1f}" y="{height - bottom + 18}" text-anchor="middle">{p.pool_size}</text>'
    load = f"{report.rate:g} requests a second" if report.rate else f"{report.concurrency} tasks"
    title = f"{report.driver}, {load}: {report.query}"
    spoken = "; ".join(f"pool {p.pool_size}: {p.per_second:.0f} requests/s, p95 {p.p95_ms:.1f} ms" for p in points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gl-chart" viewBox="0 0 {width} {height + 34}" role="img" '
        f'aria-label="{escape(f"{title}. {spoken}.")}"><style>{STYLE}</style>'
        f'<text class="rate" x="8" y="16">{what}</text>'
        f'<text class="late" x="{width - 8}" y="16" text-anchor="end">95 % done within, ms</text>'
        f'<g class="grid">{grid}</g>{curve(rate, "rate")}{curve(late, "late")}'
        f'<text x="{(left + width - 60) / 2}" y="{height - 6}" text-anchor="middle">pool_size</text>'
        f'<text class="quiet" x="8" y="{height + 12}">{escape(title)}</text>'
        f'<text class="quiet" x="8" y="{height + 27}">{escape(f"{report.software}; {report.machine}")}</text></svg>\n'
    )


STYLE = (
    ".gl-chart{font:12px system-ui,sans-serif;color-scheme:light dark}"
    ".gl-chart text{fill:var(--md-default-fg-color,CanvasText);stroke:none}"
    ".gl-chart .quiet{fill:var(--gl-quiet,GrayText);font-size:10px}"
    ".gl-chart .grid line{stroke:var(--gl-line,GrayText);stroke-width:1}"
    ".gl-chart polyline{fill:none;stroke-width:2.5;stroke-linejoin:round}"
    ".gl-chart .rate{stroke:var(--gl-held,#1a8f52);fill:var(--gl-held,#1a8f52)}"
    ".gl-chart .late{stroke:var(--gl-late,#b35c00);fill:var(--gl-late,#b35c00)}"
    ".gl-chart .late polyline{stroke-dasharray:6 4}"
    ".gl-chart text.rate{fill:var(--gl-held-text,#0b6b3a);stroke:none}"
    ".gl-chart text.late{fill:var(--gl-late,#b35c00);stroke:none}"
)


def nice(value: float) -> float:
    """The next round number, for the top of an axis."""
    scale = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return next(step * scale for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * scale >= value)


def progress(done: int, all_of_them: int, note: str) -> None:
    if sys.stderr.isatty():
        bar = "█" * (24 * done // all_of_them)
        sys.stderr.write(f"\r{bar:<24} {done}/{all_of_them} {note:<24}" + ("\n" if done == all_of_them else ""))
        sys.stderr.flush()


# The command -----------------------------------------------------------------------------------


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default=os.environ.get("DATABASE_URL"), help="your database; DATABASE_URL by default")
    parser.add_argument("--driver", choices=("asyncpg", "psycopg"), help="instead of the URL's")
    parser.add_argument("--query", default="wait", help="SQL that reads, or one of: wait, cpu")
    parser.add_argument("--sizes", default="1,2,3,5,8,12,20,32", help="the pool sizes to try")
    parser.add_argument("--overflow", type=int, default=0, help="max_overflow, added to each size")
    parser.add_argument("--concurrency", type=int, default=32, help="tasks that ask at the same time")
    parser.add_argument("--rate", type=float, help="requests a second that arrive by chance, instead of --concurrency")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each size")
    parser.add_argument("--out", type=Path, default=Path("lab"), help="where to write: lab.json and lab.svg")
    options = parser.parse_args(arguments)
    if not options.url:
        parser.error("which database? --url postgresql+asyncpg://user@host/name, or DATABASE_URL")
    options.sizes = sorted({int(size) for size in options.sizes.split(",")})
    options.query = QUERIES.get(options.query, options.query)
    if min(options.sizes) < 1 or not 1 <= options.concurrency <= MOST_TASKS:
        parser.error(f"sizes from 1 on, and from 1 to {MOST_TASKS} tasks")
    if options.seconds * len(options.sizes) > LONGEST_RUN:
        parser.error(f"that would take more than {LONGEST_RUN:.0f} s: fewer sizes, or fewer seconds for each")
    return options


def stop_on_signals() -> None:
    """Have Ctrl-C and SIGTERM cancel the task that calls this.

    A process that a shell starts in the background inherits that SIGINT is ignored, and Python leaves that as it is.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError):  # Windows, where asyncio.run() does so for Ctrl-C.
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)


async def main(options: argparse.Namespace) -> Report:
    stop_on_signals()
    url = make_url(options.url)
    if url.get_backend_name() != "postgresql":
        sys.exit(f"This measures PostgreSQL, and {url.get_backend_name()} is none: SQLite has one writer at a time.")
    url = url.set(drivername=f"postgresql+{options.driver or url.get_driver_name()}")
    report = Report(
        driver=url.get_driver_name(), query=options.query, concurrency=options.concurrency, rate=options.rate,
        seconds=options.seconds, overflow=options.overflow, machine=machine(),
        software=f"SQLAlchemy {version('sqlalchemy')}, {url.get_driver_name()} {version(url.get_driver_name())}",
    )  # fmt: skip
    try:
        async for found in sweep(url, options):
            if isinstance(found, Refused):
                report.not_measured.append(str(found))
            else:
                report.points.append(found)
            done = len(report.points) + len(report.not_measured)
            progress(done, len(options.sizes), "" if done == len(options.sizes) else "measuring")
    except asyncio.CancelledError:
        report.not_measured.append("the rest: interrupted")
    return report


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def write(report: Report, out: Path) -> None:
    out.with_suffix(".json").write_text(json.dumps(asdict(report), indent=1) + "\n")
    if len(report.points) > 1:
        out.with_suffix(".svg").write_text(draw(report))


def read(path: Path) -> Report:
    data = json.loads(path.read_text())
    return Report(**{**data, "points": [Point(**point) for point in data["points"]]})


def command(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    try:
        report = asyncio.run(main(options))
    except (SQLAlchemyError, OSError) as error:
        sys.exit(f"Nothing was measured: {str(error).splitlines()[0]}")
    if report.points:
        print(table(report.points))
        best = knee(report.points)
        print(f"\nThe smallest pool with nine tenths of the best throughput: {best.pool_size}")
    for line in report.not_measured:
        print(f"Not measured: {line}")
    write(report, options.out)
    sys.exit(130 if any("interrupted" in line for line in report.not_measured) else 0)


if __name__ == "__main__":
    command()
