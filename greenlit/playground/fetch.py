"""What Python in a browser consists of: fetched from npm's and Python's registries once, and held to its hash.

The registries are those that this machine is set up for; the files go to `.cache/playground/`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from greenlit import Mistake
from greenlit.project import Project

PYODIDE = "314.0.7"
PYODIDE_HASH = (
    "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
)
FROM_PYODIDE = (
    "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json", "package.json",
)  # fmt: skip
PACKAGES = ("sqlalchemy", "aiosqlite", "typing-extensions")
"""Those that the lock pins and that have a wheel for any machine."""

NPM, PYPI = "https://registry.npmjs.org/", "https://pypi.org/simple/"


class Unreachable(Mistake):
    """No registry answers: nothing is wrong with the project."""


def provide(project: Project) -> None:
    """Before the pages are made, which offer to run what can be run here. Without a network, they do not."""
    try:
        wheels(project)
        pyodide(project)
    except Unreachable as why:
        os.environ["PLAYGROUND"] = "0"
        print(f"WARNING: no snippet of this site runs in the browser: {why}", file=sys.stderr)


def cache(project: Project) -> Path:
    return project.root / ".cache" / "playground"


def pyodide(project: Project) -> Path:
    """The folder with its files."""
    folder = cache(project) / f"pyodide-{PYODIDE}"
    if not folder.is_dir():
        archive = _fetched(project, f"pyodide-{PYODIDE}.tgz", PYODIDE_HASH, _npm_address)
        half = folder.with_suffix(f".{os.getpid()}")
        half.mkdir()
        with tarfile.open(archive) as opened:
            for name in FROM_PYODIDE:
                member = opened.extractfile(f"package/{name}")
                assert member is not None, name
                (half / name).write_bytes(member.read())
        move(half, folder)
    return folder


def wheels(project: Project) -> list[Path]:
    return [_fetched(project, *_locked(project, name), _pypi_address) for name in PACKAGES]


def _locked(project: Project, name: str) -> tuple[str, str]:
    """The file and its hash."""
    packages = tomllib.loads((project.root / "uv.lock").read_text())["package"]
    for package in packages:
        for wheel in package.get("wheels", ()) if package["name"] == name else ():
            file = wheel["url"].rpartition("/")[2]
            if file.endswith("-py3-none-any.whl"):
                return file, wheel["hash"]
    raise Mistake(
        f"uv.lock has no wheel of {name} that runs anywhere: without it no snippet runs in a browser"
    )


def _fetched(project: Project, file: str, digest: str, address: Callable[[str], str]) -> Path:
    path = cache(project) / file
    if not (path.is_file() and _is(path.read_bytes(), digest)):
        url = address(file)
        content = _read(url)
        if not _is(content, digest):
            raise Mistake(f"{url} is not the file that is pinned by {digest}: it is not used")
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{file}.{os.getpid()}")
        half.write_bytes(content)
        half.replace(path)
    return path


def _is(content: bytes, digest: str) -> bool:
    kind, _, value = digest.partition("-" if digest.startswith("sha512-") else ":")
    if kind == "sha512":
        value = binascii.hexlify(base64.b64decode(value)).decode()
    return hashlib.new(kind, content).hexdigest() == value


def _npm_address(file: str) -> str:
    given = os.environ.get("npm_config_registry")  # noqa: SIM112
    registry = given or _asked("npm", "config", "get", "registry") or NPM
    return f"{registry.rstrip('/')}/pyodide/-/{file}"


def _pypi_address(file: str) -> str:
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
    given = next(filter(None, map(os.environ.get, names)), None)
    index = (given or _asked("pip", "config", "get", "global.index-url") or PYPI).rstrip("/")
    page = f"{index}/{re.sub('[_.]', '-', file.partition('-')[0])}/"
    links = re.findall(r'href="([^"#]+)', _read(page).decode())
    for link in links:
        if urllib.parse.unquote(link).endswith(f"/{file}"):
            return str(urllib.parse.urljoin(page, link))
    raise Mistake(f"{page} does not list {file}")


def _asked(*command: str) -> str:
    """What a tool is set up for, if it is there."""
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout.strip()
    return said if done.returncode == 0 and said.startswith("http") else ""


def _read(url: str) -> bytes:
    for tries_left in (2, 1, 0):
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            if not tries_left:
                raise Unreachable(
                    f"{url} cannot be fetched ({error}): PLAYGROUND=0 builds the site without what runs snippets"
                ) from None
    raise AssertionError


def move(half: Path, whole: Path) -> None:
    """Another build may have been faster."""
    try:
        half.rename(whole)
    except OSError:
        shutil.rmtree(half)
