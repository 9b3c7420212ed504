"""What the site serves to those who run a snippet: `assets/playground/`, put there after the build."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

from greenlit.playground import fetch
from greenlit.playground.agreed import agreed, is_left_out, without_a_ledger
from greenlit.project import Project

HERE = Path(__file__).resolve().parent / "browser"
LEFT_OUT = ("sqlalchemy/testing/", "sqlalchemy/cyextension/")
"""What no snippet imports."""
AS_IT_IS = ("pyodide.mjs", "pyodide.asm.mjs", "python_stdlib.zip")
COUNTED = ("pyodide.asm.wasm.gz", "python_stdlib.zip", "packages.zip")
"""What the worker fetches by itself, so that its progress is known."""

WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
"""What a server that sends a Content-Security-Policy must send with `worker.mjs`: a worker has its own, not its page's.
Nowhere else is WebAssembly compiled.
"""

NOTICE = f"""The files of this folder are fetched by a reader who runs a snippet.
pyodide.*, python_stdlib.zip: Pyodide {fetch.PYODIDE}, MPL-2.0, https://github.com/pyodide/pyodide; it holds
Python (PSF-2.0) and SQLite (public domain). packages.zip: SQLAlchemy, aiosqlite and typing-extensions, each with its
licence in it, and what runs them here.
"""


def place(project: Project, site: Path) -> None:
    if is_left_out():
        return
    target = site / "assets" / "playground"
    shutil.copytree(_made(project), target, dirs_exist_ok=True)
    filled = {
        "SIZE_OF_FILES": str(sum((target / name).stat().st_size for name in COUNTED)),
        "SIZE_OF_ALL": str(_on_the_wire(target)),
        "LOCK_OF_PYODIDE": _lock(project),
        "WITHOUT_A_LEDGER": json.dumps(sorted(without_a_ledger())),
        "TWINS_OF_ALL": json.dumps(twins(project)),
        "VERSIONS_OF_ALL": _versions(project),
    }
    for script in sorted(HERE.glob("*.mjs")):
        text = script.read_text()
        for name, value in filled.items():
            text = text.replace(name, value)
        (target / script.name).write_text(text)
    shutil.copy(HERE / "play.css", target)


def twins(project: Project) -> dict[str, str]:
    """Of each snippet that runs in a browser and has a twin that does: the other one."""
    pairs: dict[str, str] = {}
    for name in sorted(agreed()):
        twin = project.snippet(name).twin
        if twin in agreed():
            pairs[name] = twin
            pairs.setdefault(twin, name)
    return pairs


def _made(project: Project) -> Path:
    """The folder with all that does not depend on the pages; made once for its ingredients."""
    wheels, pyodide = fetch.wheels(project), fetch.pyodide(project)
    ours = [*sorted(HERE.glob("*.py")), project.snippets / "toolkit" / "ledger.py"]
    ingredients = hashlib.sha256("".join([*(wheel.name for wheel in wheels), fetch.PYODIDE, NOTICE]).encode())
    for path in (Path(__file__), *ours):
        ingredients.update(path.read_bytes())
    made = fetch.cache(project) / f"made-{ingredients.hexdigest()[:16]}"
    if not made.is_dir():
        half = made.with_suffix(f".{os.getpid()}")
        half.mkdir()
        for name in AS_IT_IS:
            shutil.copy(pyodide / name, half)
        _pack(wheels, ours, half / "packages.zip")
        wasm = (pyodide / "pyodide.asm.wasm").read_bytes()
        (half / "pyodide.asm.wasm.gz").write_bytes(gzip.compress(wasm, 9, mtime=0))
        (half / "NOTICE.txt").write_text(NOTICE)
        fetch.move(half, made)
    return made


def _pack(wheels: list[Path], ours: list[Path], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as opened:
                for entry in opened.infolist():
                    if not entry.filename.startswith(LEFT_OUT):
                        packed.writestr(entry, opened.read(entry), zipfile.ZIP_DEFLATED, 9)
        for path in ours:
            packed.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _lock(project: Project) -> str:
    """What Pyodide wants to know of itself, without its packages: we have our own."""
    info = json.loads((fetch.pyodide(project) / "pyodide-lock.json").read_text())["info"]
    return json.dumps({"info": info, "packages": {}})


def _on_the_wire(folder: Path) -> int:
    """If the server compresses scripts, as servers do."""
    return sum(
        len(gzip.compress(path.read_bytes(), 6)) if path.suffix == ".mjs" else path.stat().st_size
        for path in folder.iterdir()
    )


def _versions(project: Project) -> str:
    python = json.loads((fetch.pyodide(project) / "pyodide-lock.json").read_text())["info"]["python"]
    locked = project.locked
    return f"Python {python}, SQLAlchemy {locked['sqlalchemy']}, aiosqlite {locked['aiosqlite']}"
