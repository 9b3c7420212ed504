"""Copies of the reference application, each with what its own lock asks for."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from greenlit import Mistake
from greenlit.project import HERE, SHOP

SOURCE = HERE.snippets / SHOP


def copied(folder: Path) -> Path:
    """A fresh copy of it, where its Python is `.venv/bin/python`."""
    for path in HERE.shop_files():
        to = folder / path.relative_to(SOURCE)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    (folder / ".venv").symlink_to(_environment())
    return folder


def _environment() -> Path:
    """Made once for a lock, in `.cache/`, and shared: nothing but what the application itself asks for."""
    wanted = [SOURCE / name for name in ("pyproject.toml", "uv.lock")]
    key = hashlib.sha256(b"".join([sys.version.encode(), *(path.read_bytes() for path in wanted)]))
    folder = HERE.root / ".cache" / "shop" / key.hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").is_file():
            for path in wanted:
                shutil.copy(path, folder)
            command = ["uv", "sync", "--frozen", "--quiet", "--python", sys.executable]
            environment = {
                **os.environ,
                "UV_PROJECT_ENVIRONMENT": str(folder / ".venv"),
            }
            done = subprocess.run(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                raise Mistake(f"the shop's environment cannot be made: {done.stderr.strip()}")
            (folder / "made").touch()
    return folder / ".venv"
