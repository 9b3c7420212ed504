"""A real PostgreSQL server to run snippets on, and a clean database for each run."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from greenlit import DRIVERS, Mistake, alone
from greenlit.proof import shop
from greenlit.proof.services import own_server, pgbouncer, restart_command
from greenlit.snippet import Snippet


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a server: the one that POSTGRES_URL names, or one of our own from a wheel."""
    given = os.environ.get("POSTGRES_URL")
    if given:
        _check(given)
        yield given
        return
    with own_server() as server:
        yield server.get_uri()


def _check(given: str) -> None:
    try:
        url = make_url(given)
    except ArgumentError:
        raise Mistake(
            "POSTGRES_URL is not a URL: write postgresql://user:password@host:5432/database"
        ) from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise Mistake(f"POSTGRES_URL names {url.get_backend_name()}: it must begin with postgresql://")
    try:
        psycopg.connect(_plain(url), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        where = url.render_as_string(hide_password=True)
        reason = " ".join(str(error).split())
        raise Mistake(
            f"POSTGRES_URL: no PostgreSQL answers at {where} ({reason}): start it, correct the URL, "
            "or unset POSTGRES_URL to use the server that comes with the lock"
        ) from None


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


class Stage:
    """Clean databases for one process: no other process has the same ones."""

    def __init__(self, postgres_url: str, folder: Path, *, emptied: bool = True) -> None:
        self._server = make_url(postgres_url)
        self._folder = folder
        self._emptied = emptied
        self._runs = 0
        self._open = contextlib.ExitStack()
        self._bouncer = self._open.enter_context(contextlib.ExitStack())
        if problem := self.gone():
            raise Mistake(problem)
        self._inside = self._database_of_its_own(self._server)
        self._own: tuple[Any, str] | None = None
        release = self._inside.execute("SHOW server_version").fetchone()
        assert release is not None
        self._postgres_version = str(release[0]).split(" ")[0]

    def server(self, driver: str) -> str:
        """What answers behind a driver, as the page's footer names it."""
        if driver == "aiosqlite":
            return f"SQLite {sqlite3.sqlite_version}"
        return f"PostgreSQL {self._postgres_version}"

    def environment(self, snippet: Snippet, driver: str) -> dict[str, str]:
        """What a snippet finds in its environment: the URL of an empty database, and the parts that it needs."""
        if driver == "aiosqlite":  # Its own default is what most readers run.
            return {alone.NAME: self.fresh(driver)} if alone.message(snippet) else {}
        if snippet.needs == "server":
            return self._environment_with_server(driver)
        if snippet.needs == "shop":
            folder = shop.copied(self._folder / f"shop-{secrets.token_hex(4)}")
            return {**self._environment_with_server(driver), "SHOP": str(folder)}
        url = self._without_other_tables(driver) if snippet.needs == alone.EMPTY else self.fresh(driver)
        if snippet.needs == "pgbouncer":
            front = self._bouncer.enter_context(pgbouncer(make_url(url)))
            url = front.render_as_string(hide_password=False)
        return {"DATABASE_URL": url}

    def fresh(self, driver: str) -> str:
        """The URL of an empty database for a driver."""
        self._bouncer.close()  # With it go the server's prepared statements.
        self._runs += 1
        if driver == "aiosqlite":
            for old in self._folder.glob("run-*.db*"):
                old.unlink()
            return f"{DRIVERS[driver]}:///{self._folder}/run-{self._runs}.db"
        try:
            if self._emptied:
                _empty(self._inside)
        except psycopg.OperationalError as error:
            raise Mistake(
                self.gone() or f"the connection to the server is lost: {error}: start again"
            ) from None
        return _for_driver(self._server, driver, self._inside)

    def _without_other_tables(self, driver: str) -> str:
        """The same, also where nobody empties the database between runs."""
        if self._emptied:
            return self.fresh(driver)
        return _for_driver(self._server, driver, self._database_of_its_own(self._server))

    def gone(self) -> str | None:
        """Why the server does not answer any more. What a run says then is about that, and not about a snippet."""
        try:
            psycopg.connect(_plain(self._server), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            return f"the server is gone: {reason}. What was being recorded is as it was; start again"
        return None

    def close(self) -> None:
        with contextlib.suppress(psycopg.OperationalError):  # A server that is gone keeps nothing.
            self._open.close()

    def _environment_with_server(self, driver: str) -> dict[str, str]:
        if self._own is None:
            server = self._open.enter_context(own_server("max_connections = 12"))
            restart = restart_command(server)
            subprocess.run(restart, shell=True, check=True)  # Only now does it have 12 connections.
            self._own = server, restart
        server, restart = self._own
        url = make_url(server.get_uri())
        with psycopg.connect(_plain(url), autocommit=True) as inside:
            _empty(inside)
            return {"DATABASE_URL": _for_driver(url, driver, inside), "RESTART_POSTGRES": restart}

    def _database_of_its_own(self, server: URL) -> psycopg.Connection:
        name = f"greenlit_{secrets.token_hex(4)}"
        admin = self._open.enter_context(contextlib.closing(psycopg.connect(_plain(server), autocommit=True)))
        try:
            admin.execute(f"CREATE DATABASE {name}")
        except psycopg.errors.InsufficientPrivilege:
            self._open.close()
            raise Mistake(
                f"POSTGRES_URL: role {server.username} may not create databases: "
                "run ALTER ROLE ... CREATEDB, or use another role"
            ) from None
        self._open.callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
        inside = psycopg.connect(_plain(server.set(database=name)), autocommit=True)
        return self._open.enter_context(contextlib.closing(inside))


def _empty(inside: psycopg.Connection) -> None:
    # Dropping the schema takes 6 ms, dropping the database 100 and more.
    inside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    inside.execute("DROP SCHEMA IF EXISTS public CASCADE")
    inside.execute("CREATE SCHEMA public")


def _for_driver(server: URL, driver: str, inside: psycopg.Connection) -> str:
    url = server.set(drivername=DRIVERS[driver], database=inside.info.dbname)
    return url.render_as_string(hide_password=False)
