"""Snippets that attack their process. Each fails alone, by name, and the next one finds everything as it was."""

from __future__ import annotations

import contextlib
import os
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from greenlit import Mistake
from greenlit.proof import apart
from greenlit.proof.database import Stage
from greenlit.proof.prove import prove, update
from greenlit.proof.run import Rejected, bare, execute
from greenlit.proof.services import own_server
from greenlit.proof.watch import checked
from greenlit.snippet import Snippet

HEADER = """\
# /// script
# requires-python = ">=3.11"
# dependencies = []
# ///
import io, os, re, signal, subprocess, sys, threading, time
"""

FIRST = 1 + HEADER.count("\n")
"""The number of the first line below the header."""

FORGED = "print('done')\n#> done\nos._exit(0)"
KEEPS_ALL = "kept = []\nwhile True:\n    kept.append('x' * 2**28)"
WORKS_ON = "threading.Thread(target=time.sleep, args=(600,), name='worker').start()"
STARTS = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
# The regular expression engine holds the interpreter's lock until it is done: in about a thousand years.
IN_C = "re.match('(a+)+$', 'a' * 60 + 'b')"
HANGS = "if not os.fork():\n    time.sleep(600)\ntime.sleep(600)"

LIMIT = 3

FAULTS = {
    "kills_itself": ("os.kill(os.getpid(), 9)", 1, "it died of SIGKILL: let a process of its own do that"),
    "crashes": ("os.kill(os.getpid(), signal.SIGSEGV)", FIRST, "it died of SIGSEGV"),
    "exits": ("os._exit(0)", 1, "it ended its process (exit code 0): let main() return"),
    "exits_as_if_done": (FORGED, 1, "it ended its process (exit code 0)"),
    "takes_all_memory": (KEEPS_ALL, FIRST + 2, "raised MemoryError"),
    "closes_output": ("sys.stdout.close()", 1, "closes standard output"),
    "redirects_output": (
        "sys.stdout = io.StringIO()\nprint(1)\n#> 1",
        FIRST + 2,
        "is not what it prints",
    ),
    "prints_for_ever": ("print('x' * 100_000_000)", 1, "prints 95 MB: print what the page shows"),
    "writes_for_ever": ("sys.stdout.write('x' * 100_000_000)", 1, "prints 95 MB"),
    "fills_the_terminal": ("os.write(1, b'x' * 100_000_000)", 1, "prints 95 MB"),
    "leaves_a_thread": (WORKS_ON, 1, "leaves the thread worker running"),
    "leaves_a_process": (STARTS, 1, "leaves a process running: end it, and wait for it"),
    "hangs": ("time.sleep(600)", FIRST, f"it did not end within {LIMIT} seconds"),
    "hangs_in_c": (IN_C, FIRST, f"it did not end within {LIMIT} seconds"),
    "hangs_twice": (HANGS, FIRST + 2, f"it did not end within {LIMIT} seconds"),
    "exits_with_success": ("sys.exit(0)", FIRST, "raised SystemExit: 0"),
    "interrupts": ("raise KeyboardInterrupt", None, "a KeyboardInterrupt ended the run"),
    "interrupts_itself": ("os.kill(os.getpid(), signal.SIGINT)", None, "a KeyboardInterrupt ended the run"),
}


def written(folder: Path, name: str, body: str) -> Snippet:
    path = folder / "topic" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEADER + textwrap.dedent(body) + "\n")
    return Snippet.load(folder, f"topic/{name}")


@pytest.mark.parametrize("name", FAULTS)
def test_it_fails_alone(name: str, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body, line, words = FAULTS[name]
    if (line == FIRST and "did not end" in words) or name == "hangs_twice":
        monkeypatch.setattr(apart, "LONGEST", LIMIT)
    here = Path.cwd()
    with pytest.raises(Rejected) as rejected:
        prove(written(tmp_path, name, body), "aiosqlite", stage)
    message = str(rejected.value)
    assert message.startswith(f"snippets/topic/{name}.py:" + (f"{line}: " if line else " "))
    assert words in message
    assert len(message) < 30_000
    assert Path.cwd() == here
    assert execute(bare, written(tmp_path, "next", "print('fine')"), "aiosqlite", stage).said == ["fine"]


def test_a_fork_does_not_answer_for_its_parent(stage: Stage, tmp_path: Path) -> None:
    body = "child = os.fork()\nif child:\n    os.waitpid(child, 0)\nprint('parent' if child else 'child')"
    seen = execute(checked, written(tmp_path, "forks", body), "aiosqlite", stage)
    assert [str(statement) for statement in seen.printed] == ["parent"]


def test_what_a_snippet_started_ends_with_it(stage: Stage, tmp_path: Path) -> None:
    body = (
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\nprint(child.pid)"
    )
    [pid] = execute(bare, written(tmp_path, "starts", body), "aiosqlite", stage).said
    while _runs(int(pid)):
        pass


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")  # Nobody may have asked yet how it ended.
    return not (stat.is_file() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_server_that_is_killed_is_not_blamed_on_a_snippet(tmp_path: Path) -> None:
    snippet = written(tmp_path, "sums", "print(1 + 1)\n#> 3")
    before = snippet.path.read_text()
    with own_server() as server, contextlib.closing(Stage(server.get_uri(), tmp_path)) as stage:
        update(snippet, stage)
        server.cleanup()
        with pytest.raises(Mistake, match=r"^the server is gone: .* start again"):
            update(snippet, stage)
        with pytest.raises(Mistake, match=r"^the server is gone: "):
            Stage(server.get_uri(), tmp_path)
    assert [path.name for path in snippet.path.parent.iterdir()] == ["sums.py"]
    assert snippet.path.read_text() == before


def test_each_run_begins_in_an_empty_folder_without_a_database_url(stage: Stage, tmp_path: Path) -> None:
    body = "print(os.listdir(), 'DATABASE_URL' in os.environ, os.environ.get('CI'))\nos.chdir('/')"
    looks = written(tmp_path, "looks", body)
    for _ in range(2):
        assert execute(bare, looks, "aiosqlite", stage).said == ["['looks.py'] False None"]


@pytest.mark.parametrize("default", ['"sqlite+aiosqlite://"', "sys.exit('no database')", "print('needs')"])
def test_what_sqlite_cannot_show_says_so_to_a_reader(default: str, stage: Stage, tmp_path: Path) -> None:
    snippet = written(tmp_path, "misleads", f"url = os.environ.get('DATABASE_URL') or {default}")
    declared = snippet.source.replace(
        "# ///\nimport", "# ///\n# drivers: asyncpg (a reason that is long)\nimport"
    )
    with pytest.raises(Rejected) as rejected:
        prove(replace(snippet, source=declared), "asyncpg", stage)
    assert "misleads.py:1: without DATABASE_URL it ends with " in str(rejected.value)
    assert 'sys.exit("needs PostgreSQL: DATABASE_URL=postgresql+asyncpg://' in str(rejected.value)
