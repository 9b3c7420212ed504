"""`make steady` itself, with a command of a moment in place of the whole proof."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

LONG = 60
"""Seconds, after which what was waited for counts as missing."""

REPORT = """
import os, signal, sys
ignored = signal.getsignal(signal.SIGINT) == signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
nothing_to_read = os.path.samestat(os.fstat(0), os.stat(os.devnull))
with open(sys.argv[1], "a") as file:
    print(os.path.exists("README"), ignored, nothing_to_read and sys.stdout.isatty() is False, file=file)
sys.exit(sys.argv[2:] == ["fails"])
"""
WAIT = "import os, sys, time\nopen(sys.argv[1], 'w').write(str(os.getpid()))\ntime.sleep(600)"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    (folder / "README").write_text("text\n")
    person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "-C", folder, "add", "README"], check=True)
    subprocess.run(["git", "-C", folder, *person, "commit", "--quiet", "--message", "text"], check=True)
    return folder


def steady(checkout: Path, script: str, *arguments: str, rounds: int) -> list[str]:
    program = checkout.parent / "stub.py"
    program.write_text(script)
    command = " ".join([sys.executable, str(program), *arguments])
    options = ["--command", command, "--checkout", str(checkout), str(rounds)]
    return [sys.executable, "-m", "greenlit.proof.steady", *options]


def test_each_round_is_as_the_table_says(checkout: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    command = steady(checkout, REPORT, str(seen), rounds=4)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=LONG)
    in_a_clone, ignores, quiet = zip(*(line.split() for line in seen.read_text().splitlines()), strict=True)
    assert set(in_a_clone) == {"True"}
    assert ignores == ("False", "True", "False", "False")
    assert quiet[1] == "True"
    rows = [line.split() for line in done.stdout.splitlines()[-4:]]
    assert [row[:2] for row in rows] == [
        ["busy", "foreground"],
        ["busy", "background"],
        ["busy", "foreground"],
        ["idle", "foreground"],
    ]
    assert {row[3] for row in rows} == {"passed"}


def test_a_round_that_fails_is_said(checkout: Path, tmp_path: Path) -> None:
    command = steady(checkout, REPORT, str(tmp_path / "seen"), "fails", rounds=1)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=LONG)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].endswith("exit 1")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_its_loops_never_outlive_it(checkout: Path, tmp_path: Path, number: signal.Signals) -> None:
    begun = tmp_path / "begun"
    with subprocess.Popen(steady(checkout, WAIT, str(begun), rounds=1)) as process:
        _until(lambda: begun.is_file() and begun.read_text() != "")
        inner = int(begun.read_text())
        loops = _children(process.pid) - {inner}
        process.send_signal(number)
    try:
        assert len(loops) == os.cpu_count()
        _until(lambda: not any(_runs(loop) for loop in loops))
        if number != signal.SIGKILL:
            assert process.returncode == 128 + number
            _until(lambda: not _runs(inner))
    finally:
        if _runs(inner):
            os.kill(inner, signal.SIGKILL)


def _children(parent: int) -> set[int]:
    return {int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()}


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        time.sleep(0.02)
