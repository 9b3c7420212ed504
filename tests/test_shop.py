"""The reference application, in a fresh copy, with nothing but what it asks for itself."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from greenlit import DRIVERS
from greenlit.proof import shop
from greenlit.proof.database import Stage
from greenlit.proof.services import free_port, own_server, restart_command


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shop.copied(tmp_path / "shop")


def run(folder: Path, command: str, fails: str = "", **environment: str) -> str:
    """What a command says; it ends well, or with these words. Nothing of this project is on its path."""
    clean = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = f"{folder}/.venv/bin:{os.environ['PATH']}"
    done = subprocess.run(
        shlex.split(command), cwd=folder, env={**clean, "PATH": path, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert bool(done.returncode) == bool(fails) and fails in done.stdout, f"{command}: {done.stdout}"
    return done.stdout


@pytest.mark.parametrize("driver", DRIVERS)
def test_its_tests_pass(copy: Path, driver: str, stage: Stage) -> None:
    given = {} if driver == "aiosqlite" else {"DATABASE_URL": stage.fresh(driver)}
    said = run(copy, "python -m pytest -q -p no:cacheprovider", **given)
    skipped = int((re.search(r"(\d+) skipped", said) or [0, 0])[1])
    assert skipped == (2 if driver == "aiosqlite" else 0), said


def test_it_is_typed_and_formatted(copy: Path) -> None:
    for command in ("mypy --no-incremental", "ruff check --no-cache", "ruff format --check --no-cache"):
        run(copy, command)


def test_its_lock_is_of_its_pyproject(copy: Path) -> None:
    run(copy, "uv lock --check --offline")


# Its container --------------------------------------------------------------------------------

COMPOSE: dict[str, Any] = yaml.safe_load((shop.SOURCE / "compose.yaml").read_text())
DOCKERFILE = (shop.SOURCE / "Dockerfile").read_text()


def dockerfile(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction} (.*)$", DOCKERFILE, re.MULTILINE)


def test_its_image_has_what_the_server_needs(tmp_path: Path) -> None:
    """What is copied into the image, and what `--no-dev` installs there, is enough to make the application."""
    for path in (path for line in dockerfile("COPY") if "--from" not in line for path in line.split()[:-1]):
        source = shop.SOURCE / path
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / path)
    [sync] = [command for command in dockerfile("RUN") if command.startswith("uv sync")]
    run(tmp_path, sync.replace(" --no-cache", f" --python {sys.executable}"))
    run(tmp_path, "python -c 'import app.main, psycopg'", fails="No module named 'psycopg'")
    run(tmp_path, "python -c 'import app.main, alembic'")


def test_its_commands_migrate_serve_answer_and_end(copy: Path, stage: Stage) -> None:
    """Those of compose.yaml and of the Dockerfile, as they stand there, but for the port."""
    url, port = stage.fresh("asyncpg"), str(free_port())
    run(copy, shlex.join(COMPOSE["services"]["migrate"]["command"]), DATABASE_URL=url)
    [serve] = [json.loads(command) for command in dockerfile("CMD")]
    health = COMPOSE["services"]["web"]["healthcheck"]["test"][1:]
    here = [word.replace("8000", port) for word in health]
    environment = {**os.environ, "DATABASE_URL": url, "PATH": f"{copy}/.venv/bin:{os.environ['PATH']}"}
    run(copy, shlex.join(here), fails="Connection refused")
    command = [word.replace("8000", port) for word in serve]
    with subprocess.Popen(command, cwd=copy, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            for line in server.stderr:
                if "Uvicorn running" in line:
                    break
            run(copy, shlex.join(here))
        finally:
            server.terminate()
            server.communicate(timeout=60)
    assert server.returncode in (0, -signal.SIGTERM)


def test_its_database_is_ready_when_it_listens_on_tcp() -> None:
    """The first start of the image's server has a socket only. The health check does not take it for ready."""
    words = COMPOSE["services"]["database"]["healthcheck"]["test"][1:]
    port = free_port()
    with own_server() as server:
        program = str(server.bin_path / words[0])
        socket_only = subprocess.run([program, "--quiet", f"--host={server.get_uri().partition('host=')[2]}"])
        asking = [program, *words[1:], "--quiet", f"--port={port}"]
        before = subprocess.run(asking)
        restart = f"{restart_command(server)} -o '-c listen_addresses=127.0.0.1 -p {port}'"
        subprocess.run(restart, shell=True, check=True)
        after = subprocess.run(asking)
    assert (socket_only.returncode, before.returncode, after.returncode) == (0, 2, 0)
