"""What a file needs when a reader runs it alone: SQLite is always there, PostgreSQL is asked for in one line."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from greenlit import DRIVERS, Mistake
from greenlit.snippet import Snippet

SQLITE = "sqlite+aiosqlite:///greenlit.db"
NAME = "DATABASE_URL"

EMPTY = "empty"

NEEDS = {
    "pgbouncer": "a PgBouncer in transaction mode in front of the server: apt-get install pgbouncer",
    "server": "a PostgreSQL of its own, with 12 connections, that it may restart: it comes with the lock",
    "shop": "a copy of the reference application with what it needs: it comes with its own lock",
    "openssl": "the command openssl, which makes a certificate: apt-get install openssl",
    EMPTY: "a database without other tables: it compares all that is there with its models",
}
"""What a snippet may ask for beside a database, and where it comes from."""

NEEDED = {
    "": "needs PostgreSQL",
    EMPTY: "needs PostgreSQL",
    "openssl": "needs PostgreSQL and the command openssl",
    "pgbouncer": "needs a PgBouncer in transaction mode",
    "server": "needs a PostgreSQL of its own with 12 connections",
    "shop": "needs PostgreSQL and the shop",
}
OF_ITS_OWN = ("pgbouncer", "server", "shop")
"""What the reader has to set up: no package brings it."""
STARTER = "snippets/lab/postgres.py"
"""Starts a PostgreSQL that comes from a package, and prints its address."""
RESTARTS = "needs a PostgreSQL that it may restart: RESTART_POSTGRES='systemctl restart postgresql' "


def message(snippet: Snippet) -> str:
    """The line with which a file ends that finds no DATABASE_URL; empty if SQLite shows its point."""
    driver = needs_postgresql(snippet)
    if driver is None:
        return ""
    port = ":6432" if snippet.needs == "pgbouncer" else ""
    setting = f"{NAME}={DRIVERS[driver]}://user:password@localhost{port}/test"
    if "RESTART_POSTGRES" in snippet.source:
        return f"{RESTARTS}{'SHOP=… ' if snippet.needs == 'shop' else ''}{setting}"
    return f"{NEEDED[snippet.needs]}: {setting}"


def remedy(needed: str) -> str:
    return f'write below the imports {NAME} = os.environ.get("{NAME}") or sys.exit("{needed}")'


def run_command(snippet: Snippet, site: str) -> str:
    """What a reader types to run the file: it is fetched from the site, and so is a PostgreSQL if it needs one."""
    run = f"uv run {site}{snippet.shown_path}"
    driver = needs_postgresql(snippet)
    if driver is None:
        return run
    if snippet.needs in OF_ITS_OWN:
        more = "".join(f"{name}=… " for name in ("SHOP", "RESTART_POSTGRES") if name in snippet.source)
        return f"{more}{NAME}={DRIVERS[driver]}://… {run}"
    option = "" if driver == "asyncpg" else f" --driver {driver}"
    return f"{NAME}=$(uv run {site}{STARTER}{option}) {run}"


def problems(snippets: Iterable[Snippet], nodes_of: Callable[[Snippet], list[ast.AST]]) -> Iterator[str]:
    """A file falls back to SQLite where that shows its point, and nowhere else."""
    for snippet in snippets:
        try:
            needed = message(snippet)
        except Mistake:
            continue  # Rules of the census say what is wrong with it.
        nodes = nodes_of(snippet) if NAME in snippet.source else []
        if needed and needed not in _first_words(nodes):
            yield (
                f"{snippet.shown_path}:1: SQLite cannot show its point, and without {NAME} it does not end at once: "
                f"{remedy(needed)}"
            )
        for line, default in () if needed else _defaults(nodes):
            if default != SQLITE:
                yield (
                    f"{snippet.shown_path}:{line}: {NAME} has another default than everywhere: "
                    f'write os.environ.get("{NAME}", "{SQLITE}")'
                )


def needs_postgresql(snippet: Snippet) -> str | None:
    """The driver to run it with; None where SQLite shows the point of both twins, or no database is asked."""
    if NAME not in snippet.source:
        return None
    claimed = [snippet.drivers]
    if snippet.twin:
        claimed.append(snippet.beside(snippet.twin).drivers)
    if all("aiosqlite" in drivers for drivers in claimed):
        return None
    shared = [driver for driver in snippet.drivers if all(driver in drivers for drivers in claimed)]
    return (shared or snippet.drivers)[0]


def _first_words(nodes: list[ast.AST]) -> set[str]:
    """What the file says when it ends before anything has run."""
    words = set()
    for node in nodes:
        match node:
            case ast.Call(ast.Attribute(ast.Name("sys"), "exit"), [ast.Constant(str(said))]):
                words.add(said)
    return words


def _defaults(nodes: list[ast.AST]) -> Iterator[tuple[int, str | None]]:
    """Where the code reads the address, and what it takes if there is none."""
    for node in nodes:
        match node:
            case ast.Call(ast.Attribute(attr="get"), [ast.Constant(value), ast.Constant(str(default))]):
                if value == NAME:
                    yield node.lineno, default
            case ast.Subscript(ast.Attribute(attr="environ"), ast.Constant(value), ast.Load()):
                if value == NAME:
                    yield node.lineno, None
