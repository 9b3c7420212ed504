"""The doctor for a terminal: one file, and the answers of the one in the browser."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from types import ModuleType

import pytest

from greenlit.doctor.ask import diagnosed
from greenlit.error_index import error_pages
from greenlit.project import HERE
from greenlit.record import Record
from tests import test_doctor_lines as lines

FILE = HERE.assets / "doctor.py"
POOL = "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00"


@pytest.fixture(scope="module")
def terminal() -> ModuleType:
    spec = importlib.util.spec_from_file_location("doctor_in_a_terminal", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def texts() -> list[str]:
    """What pages say, what their twins raise, what people ask, and each way in which a tool prints a frame."""
    pages = error_pages(HERE)
    said = [
        words.replace("*", "x")
        for page in pages
        for words in (*page.says[:2], *page.common[:1], *page.asked[:2])
    ]
    raised = [
        run.raised
        for page in pages
        if page.fix
        for run in Record.of(HERE.snippet(HERE.snippet(page.fix).twin or "")).runs
        if run.raised and not run.release
    ]
    formed = [f"{form(path)}\n{POOL}" for form in lines.FORMS for path in (lines.LIBRARY, lines.OWN)]
    others = [
        "",
        "KeyError: 1",
        f"{POOL[:60]}…",
        f"FAILED a::b - {POOL[15:50]}...",
        POOL.replace("'", "&#39;").upper(),
    ]
    wrapped = [
        json.dumps({"exc": f"{lines.python(lines.OWN)}\n{POOL}", "locals": {"a": POOL}}),
        f"\x1b[31m{POOL}\x1b[0m\\n",
    ]
    return [*said, *raised, *formed, *others, *wrapped, *(f"sqlalchemy\n{text}" for text in raised[::5])]


def test_it_agrees_with_the_browser(terminal: ModuleType) -> None:
    asked = texts()
    answers = [[d["entry"]["slug"] for d in terminal.diagnose(text)] for text in asked]
    differ = [
        f"{text[-200:]!r}: browser {browser}, terminal {here}"
        for text, browser, here in zip(asked, diagnosed(asked), answers, strict=True)
        if browser != here
    ]
    assert len(asked) > 400 and not differ, "\n".join(differ)


def ask(text: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(FILE), *options], input=text, capture_output=True, text=True, check=False
    )


def test_it_answers_from_one_file() -> None:
    done = ask(
        f'  File "/app/orders.py", line 1, in ship\n    await ship()\n{POOL}\n',
        "--site",
        "https://docs.example/",
    )
    assert done.returncode == 0, done.stderr
    assert "https://docs.example/guides/errors/queuepool_limit_reached/" in done.stdout
    assert "your line:" in done.stdout and "await ship()" in done.stdout
    [first, *_] = json.loads(ask(POOL, "--json").stdout)
    assert first["entry"]["slug"] == "queuepool_limit_reached"


def test_it_admits_what_it_does_not_know() -> None:
    done = ask("KeyError: 1")
    assert done.returncode == 1 and done.stdout.startswith("No diagnosis.")
